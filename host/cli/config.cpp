// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

json::value choice(const std::string& use, const std::string& options) {
  const auto parsed = parse_json(options, "options");
  if (!parsed || !parsed->is_object() || parsed->get_object().empty()) return json::value(use);
  return json::object{{"use", use}, {"options", *parsed}};
}

template <typename Choices>
json::array choices(const Choices& all) {
  json::array array;
  for (const auto& one : all) array.push_back(choice(one.use, one.options_json));
  return array;
}

/// The configuration as a file would say it.
json::object values_of(const Config& config) {
  json::array reporters, metrics, directories, trust,
      safe(config.safe_directories.begin(), config.safe_directories.end());
  for (const Metric& metric : config.metrics.contributed()) metrics.emplace_back(metric.name);
  for (const ReporterChoice& reporter : config.reporters) {
    json::value value = choice(reporter.use, reporter.options_json);
    if (!reporter.out.empty()) {
      if (value.is_string()) value = json::object{{"use", reporter.use}};
      value.get_object()["out"] = reporter.out;
    }
    reporters.push_back(std::move(value));
  }
  for (const auto& directory : config.plugin_dirs) directories.emplace_back(directory.string());
  for (const std::string& hash : config.trusted_sha256) trust.emplace_back("sha256:" + hash);
  return {{"project", config.project},
          {"build", config.build},
          {"tests", config.tests.empty() ? json::array{"tests/*.json"}
                                         : json::array(config.tests.begin(), config.tests.end())},
          {"kernel", config.kernel},
          {"default_branch", config.default_branch},
          {"strict", config.strict},
          {"store", choice(config.store.use, config.store.options_json)},
          {"runner", choice(config.runner.use, config.runner.options_json)},
          {"baseline", choice(config.baseline.use, config.baseline.options_json)},
          {"gates", choices(config.gates)},
          {"cached_gates", choices(config.cached_gates)},
          {"least_sight", config.least_sight},
          {"reporters", std::move(reporters)},
          {"metrics", std::move(metrics)},
          {"plugin_dirs", std::move(directories)},
          {"trust", std::move(trust)},
          {"safe_directories", std::move(safe)},
          {"cache_dir", config.cache_dir.string()}};
}

ExitCode show(const Config& config, bool as_json, std::size_t width) {
  const json::object values = values_of(config);
  json::object with_origins;
  std::vector<std::vector<std::string>> table{{"KEY", "VALUE", "FROM"}};
  const std::string file =
      config.has_project_file ? (config.project_dir / "ktstr.json").string() : std::string();
  with_origins["project_file"] =
      json::object{{"value", file}, {"from", "search from " + config.searched_from}};
  table.push_back({"project_file", printable(file), printable("search from " + config.searched_from)});
  for (const auto& entry : values) {
    const std::string key(entry.key());
    const auto known = config.origins.find(key);
    const std::string origin = known == config.origins.end() ? "default" : known->second;
    with_origins[key] = json::object{{"value", entry.value()}, {"from", origin}};
    table.push_back({key,
                     printable(entry.value().is_string() ? std::string(entry.value().get_string())
                                                         : to_text(entry.value(), 0)),
                     printable(origin)});
  }
  return print_out(as_json ? to_text(with_origins) + "\n" : text_table(table, {}, width));
}

}  // namespace

void define_config_show(CLI::App* command, CommandAction& chosen) {
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "print {key: {value, from}}");
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
