// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "config/key.hpp"
#include "config/profiles.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

ExitCode show(const Config& config, bool as_json, std::size_t width) {
  json::object with_origins;
  std::vector<std::vector<std::string>> table{{"KEY", "VALUE", "FROM"}};
  const std::string file =
      config.has_project_file ? (config.project_dir / "ktstr.json").string() : std::string();
  with_origins["project_file"] =
      json::object{{"value", file}, {"from", "search from " + config.searched_from}};
  table.push_back({"project_file", printable(file), printable("search from " + config.searched_from)});
  json::object values;
  for (const ConfigKey& row : config_keys()) {
    if (row.value != nullptr) values[row.name()] = row.value(config);
  }
  values["profile"] = or_null(config.profile);
  for (const auto& entry : profile_values(config.defaults)) values[entry.key()] = entry.value();
  for (const auto& entry : values) {
    const std::string key(entry.key());
    const json::value& value = entry.value();
    const auto known = config.origins.find(key);
    const std::string origin = known == config.origins.end() ? "default" : known->second;
    with_origins[key] = json::object{{"value", value}, {"from", origin}};
    table.push_back({key, printable(value.is_string() ? std::string(value.get_string()) : to_text(value, 0)),
                     printable(origin)});
  }
  return print_out(as_json ? to_text(document("config-show", {{"values", std::move(with_origins)}})) + "\n"
                           : text_table(table, {}, width));
}

}  // namespace

void define_config_show(CLI::App* command, CommandAction& chosen) {
  auto json = std::make_shared<bool>(false);
  add_json_flag(*command, *json);
  command->callback([json, &chosen] {
    chosen = [json](Session& session) {
      const auto loaded = session.config();
      if (!loaded) return report(loaded.error());
      Config copy = **loaded;  // shown as it was written; what a command would refuse is refused here too
      if (const Status inside = session.keep_project_inside(copy); !inside) return report(inside.error());
      return show(**loaded, *json, session.terminal().out_is_terminal ? session.terminal().width : 0);
    };
  });
}

}  // namespace ktstr
