// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "plugin/catalogue.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

struct PluginFlags {
  bool json = false;
  std::string name;
};

std::string state_of(const PluginCatalogue& catalogue, const FoundPlugin& plugin) {
  if (!plugin.problem.empty()) return "unusable: " + printable(plugin.problem);
  if (plugin.shadowed) return "shadowed";
  const std::string trust = catalogue.trust_of(plugin);
  return printable(plugin.origin) + (trust == "hash"      ? ", trusted by its hash"
                                     : trust == "changed" ? ", changed since it was trusted"
                                     : trust == "none"    ? ", not trusted"
                                                          : "");
}

json::object as_json(const PluginCatalogue& catalogue, const FoundPlugin& plugin) {
  json::array provides;
  for (const ManifestRow& row : plugin.manifest.provides)
    provides.push_back(
        json::object{{"interface", row.interface_id}, {"name", row.name}, {"summary", row.summary}});
  return {{"id", plugin.manifest.id},
          {"version", plugin.manifest.version},
          {"vendor", plugin.manifest.vendor},
          {"license", plugin.manifest.license},
          {"manifest", plugin.manifest.file.string()},
          {"library", plugin.manifest.library.empty() ? json::value(nullptr)
                                                      : json::value(plugin.manifest.library_path().string())},
          {"origin", plugin.origin},
          {"shadowed", plugin.shadowed},
          {"trust", catalogue.trust_of(plugin)},
          {"problem", plugin.problem.empty() ? json::value(nullptr) : json::value(plugin.problem)},
          {"provides", std::move(provides)}};
}

ExitCode list_plugins(const PluginCatalogue& catalogue, const PluginFlags& flags) {
  if (flags.json) {
    json::array rows;
    for (const FoundPlugin& plugin : catalogue.plugins()) rows.push_back(as_json(catalogue, plugin));
    return print_out(to_text(document("plugin-list", {{"plugins", std::move(rows)}})) + "\n");
  }
  std::vector<std::vector<std::string>> table{{"KIND", "NAME", "PLUGIN", "VERSION", "FROM"}};
  for (const FoundPlugin& plugin : catalogue.plugins()) {
    if (plugin.manifest.provides.empty())
      table.push_back(
          {"?", "?", printable(plugin.manifest.file.filename().string()), "-", state_of(catalogue, plugin)});
    for (const ManifestRow& row : plugin.manifest.provides) {
      table.push_back(
          {printable(kind_of(row.interface_id)), printable(row.name), printable(plugin.manifest.id),
           printable(plugin.manifest.version),
           is_known_interface(row.interface_id) ? state_of(catalogue, plugin) : "of another ktstr, skipped"});
    }
  }
  std::sort(table.begin() + 1, table.end());
  return print_out(text_table(table));
}

/// Everything about one plugin; this loads it, so that what its options are comes from itself.
Result<ExitCode> info(PluginCatalogue& catalogue, const PluginFlags& flags) {
  std::vector<std::string> names;
  bool found = false;
  std::string out;
  json::array rows;
  for (const FoundPlugin& plugin : catalogue.plugins()) {
    names.push_back(plugin.manifest.id);
    for (const ManifestRow& row : plugin.manifest.provides) {
      names.push_back(row.name);
      if (plugin.shadowed || (row.name != flags.name && plugin.manifest.id != flags.name &&
                              plugin.manifest.id + "/" + row.name != flags.name))
        continue;
      found = true;
      if (!is_known_interface(row.interface_id)) {
        out += printable(row.interface_id) + " " + printable(row.name) + ": of another ktstr, skipped\n";
        continue;
      }
      const auto impl = catalogue.load(row.interface_id, plugin.manifest.id + "/" + row.name);
      if (!impl) return impl.error();
      const std::string_view schema((*impl)->options_schema.ptr == nullptr ? "" : (*impl)->options_schema.ptr,
                                    (*impl)->options_schema.len);
      json::object object = as_json(catalogue, plugin);
      object.erase("provides");
      object["interface"] = row.interface_id;
      object["name"] = row.name;
      object["summary"] = row.summary;
      const auto options = schema.empty() ? Result<json::value>(json::value(nullptr))
                                          : parse_json(schema, "the option schema of " + row.name);
      if (!options) return options.error();
      object["options_schema"] = *options;
      out += printable(kind_of(row.interface_id)) + " " + printable(row.name) + ": " +
             printable(row.summary) + "\n";
      out += "  plugin    " + printable(plugin.manifest.id) + " " + printable(plugin.manifest.version) +
             ", " + printable(plugin.manifest.vendor) + ", " + printable(plugin.manifest.license) + "\n";
      out += "  library   " + printable(plugin.manifest.library_path().string()) + "\n";
      if (options->is_object() && options->get_object().contains("properties")) {
        for (const auto& option : options->at("properties").as_object()) {
          const json::value* about =
              option.value().is_object() ? option.value().get_object().if_contains("description") : nullptr;
          out += "  option    " + printable(std::string(option.key())) +
                 (about != nullptr && about->is_string() ? ": " + printable(std::string(about->get_string()))
                                                         : "") +
                 "\n";
        }
      }
      rows.push_back(std::move(object));
    }
  }
  if (!found)
    return usage_error("there is no plugin \"" + printable(flags.name) + "\"" + suggestion(flags.name, names),
                       "see ktstr plugin list");
  return print_out(flags.json ? to_text(document("plugin-info", {{"provides", std::move(rows)}})) + "\n"
                              : out);
}

template <typename Work>
void on_plugins(CLI::App* command, CommandAction& chosen, Work work) {
  command->callback([work, &chosen] {
    chosen = [work](Session& session) {
      const auto catalogue = session.catalogue();
      if (!catalogue) return report(catalogue.error());
      const Result<ExitCode> code = work(**catalogue);
      return code ? *code : report(code.error());
    };
  });
}

}  // namespace

void define_plugin_list(CLI::App* listing, CommandAction& chosen) {
  auto flags = std::make_shared<PluginFlags>();
  add_json_flag(*listing, flags->json);
  on_plugins(listing, chosen, [flags](PluginCatalogue& catalogue) -> Result<ExitCode> {
    return list_plugins(catalogue, *flags);
  });
}

void define_plugin_info(CLI::App* details, CommandAction& chosen) {
  auto flags = std::make_shared<PluginFlags>();
  details->add_option("name", flags->name, "a name or a plugin's id")->required()->type_name("NAME");
  add_json_flag(*details, flags->json);
  on_plugins(details, chosen, [flags](PluginCatalogue& catalogue) { return info(catalogue, *flags); });
}

}  // namespace ktstr
