// SPDX-License-Identifier: Apache-2.0
//
// What a configuration file may say: one row and one function for each key.
#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "config/load.hpp"
#include "config/metrics.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

std::string layer_name(ConfigLayer layer) {
  return layer == ConfigLayer::kSystem ? "system" : layer == ConfigLayer::kUser ? "user" : "project";
}

Result<PluginChoice> plugin_choice(const json::value& value, const std::string& where) {
  PluginChoice choice;
  if (value.is_string()) {
    choice.use = std::string(value.get_string());
  } else if (value.is_object()) {
    const ObjectReader object(value.get_object(), where);
    if (const Status known = object.only({"use", "options"}); !known) return known.error();
    auto use = object.text("use");
    if (!use) return use.error();
    choice.use = *use;
    if (const json::value* options = object.find("options")) {
      if (!options->is_object())
        return usage_error(object.where("options") + ": expected an object, found " + kind_name(*options));
      choice.options_json = to_text(*options, 0);
    }
  } else {
    return usage_error(where + ": expected a plugin's name or an object with \"use\", found " +
                       kind_name(value));
  }
  if (choice.use.empty()) return usage_error(where + ": \"use\" names no plugin");
  return choice;
}

Result<ReporterChoice> reporter_choice(const json::value& value, const std::string& where) {
  ReporterChoice reporter;
  json::value rest = value;
  if (value.is_object()) {
    const ObjectReader object(value.get_object(), where);
    if (const Status known = object.only({"use", "out", "options"}); !known) return known.error();
    auto out = object.text("out");
    if (!out) return out.error();
    reporter.out = *out;
    rest.get_object().erase("out");
  }
  auto choice = plugin_choice(rest, where);
  if (!choice) return choice.error();
  reporter.use = choice->use;
  reporter.options_json = choice->options_json;
  return reporter;
}

/// Inside as it is written. Links are followed when it is looked at.
bool stays_inside(const std::string& path) {
  const std::vector<std::string> parts = split(path, '/');
  return !path.starts_with('/') && std::find(parts.begin(), parts.end(), "..") == parts.end();
}

template <typename Choice, typename Parse>
Result<std::vector<Choice>> choices(const json::value& value, const std::string& where, Parse parse) {
  if (!value.is_array()) return usage_error(where + ": expected an array, found " + kind_name(value));
  std::vector<Choice> out;
  for (const json::value& element : value.get_array()) {
    auto choice = parse(element, where + "[" + std::to_string(out.size()) + "]");
    if (!choice) return choice.error();
    out.push_back(std::move(*choice));
  }
  if (out.empty()) return usage_error(where + ": the array is empty");
  return out;
}

/// A file of one layer that is being laid over `config`.
struct Layered {
  const ObjectReader& object;
  ConfigLayer layer;
  Config& config;
  bool from_project() const { return layer == ConfigLayer::kProject; }
};

using Apply = Status (*)(const Layered& file, const char* key);

template <std::string Config::*kField>
Status apply_text(const Layered& file, const char* key) {
  auto value = file.object.text(key);
  if (!value) return value.error();
  file.config.*kField = std::move(*value);
  return Ok{};
}

template <std::string Config::*kField>
Status apply_name(const Layered& file, const char* key) {
  if (const Status applied = apply_text<kField>(file, key); !applied) return applied;
  if (!(file.config.*kField).empty()) return Ok{};
  return usage_error(file.object.where(key) + ": the name is empty", "leave the key out for the default");
}

Status apply_kernel(const Layered& file, const char* key) {
  if (const Status applied = apply_name<&Config::kernel>(file, key); !applied) return applied;
  file.config.kernel_from_project = file.from_project();
  const std::string kernel = printable(file.config.kernel);
  if (!file.from_project() || stays_inside(file.config.kernel)) return Ok{};
  return usage_error(file.object.where(key) + ": \"" + kernel + "\" must stay inside the project",
                     "name a kernel of the cache, or give this one by a flag: --kernel " + kernel);
}

Status apply_tests(const Layered& file, const char* key) {
  auto tests = file.object.texts(key);
  if (!tests) return tests.error();
  if (tests->empty())
    return usage_error(file.object.where(key) + ": the array is empty", "leave the key out for the default");
  for (const std::string& pattern : *tests) {
    if (pattern.empty() || !stays_inside(pattern))
      return usage_error(file.object.where(key) + ": \"" + printable(pattern) +
                         "\" must stay inside the project");
  }
  file.config.tests = std::move(*tests);
  return Ok{};
}

Status apply_strict(const Layered& file, const char* key) {
  const json::value& strict = *file.object.find(key);
  if (!strict.is_bool())
    return usage_error(file.object.where(key) + ": expected true or false, found " + kind_name(strict));
  file.config.strict = strict.get_bool();
  return Ok{};
}

Status apply_least_sight(const Layered& file, const char* key) {
  const json::value& value = *file.object.find(key);
  if (!value.is_number())
    return usage_error(file.object.where(key) + ": a percentage, found " + kind_name(value));
  file.config.least_sight = value.to_number<double>();
  if (!(file.config.least_sight >= 0 && file.config.least_sight <= 100))
    return usage_error(file.object.where(key) + ": a percentage from 0 to 100");
  return Ok{};
}

template <PluginChoice Config::*kField>
Status apply_plugin(const Layered& file, const char* key) {
  auto choice = plugin_choice(*file.object.find(key), file.object.where(key));
  if (!choice) return choice.error();
  choice->from_project = file.from_project();
  file.config.*kField = std::move(*choice);
  return Ok{};
}

template <std::vector<PluginChoice> Config::*kField>
Status apply_plugins(const Layered& file, const char* key) {
  auto list = choices<PluginChoice>(*file.object.find(key), file.object.where(key), plugin_choice);
  if (!list) return list.error();
  for (PluginChoice& choice : *list) choice.from_project = file.from_project();
  file.config.*kField = std::move(*list);
  return Ok{};
}

/// Report files of a project: relative to it and inside of it as they are written. Links are followed when
/// the report is opened.
Status apply_reporters(const Layered& file, const char* key) {
  const std::string where = file.object.where(key);
  auto list = choices<ReporterChoice>(*file.object.find(key), where, reporter_choice);
  if (!list) return list.error();
  for (std::size_t i = 0; file.from_project() && i < list->size(); ++i) {
    ReporterChoice& reporter = (*list)[i];
    reporter.from_project = true;
    if (stays_inside(reporter.out)) continue;
    return usage_error(where + "[" + std::to_string(i) + "].out: \"" + printable(reporter.out) +
                           "\" must stay inside the project",
                       "write elsewhere with a flag: --reporter " + printable(reporter.use) + "::out=FILE");
  }
  file.config.reporters = std::move(*list);
  return Ok{};
}

Status apply_metrics(const Layered& file, const char* key) {
  return add_metrics(*file.object.find(key), file.object.where(key), "the project", file.config.metrics);
}

Status apply_plugin_dirs(const Layered& file, const char* key) {
  auto directories = file.object.texts(key);
  if (!directories) return directories.error();
  for (const std::string& directory : *directories) {
    if (!directory.starts_with('/'))
      return usage_error(file.object.where(key) + ": \"" + printable(directory) +
                         "\" is not an absolute path");
    file.config.plugin_dirs.emplace_back(directory);
  }
  return Ok{};
}

Status apply_trust(const Layered& file, const char* key) {
  auto entries = file.object.texts(key);
  if (!entries) return entries.error();
  for (const std::string& entry : *entries) {
    if (!entry.starts_with("sha256:") || entry.size() != 7 + 64 ||
        entry.find_first_not_of("0123456789abcdef", 7) != std::string::npos) {
      return usage_error(file.object.where(key) + ": \"" + printable(entry) + "\" is not sha256:HEX",
                         "64 lower-case hex digits, as sha256sum prints them");
    }
    file.config.trusted_sha256.push_back(entry.substr(7));
  }
  return Ok{};
}

Status apply_safe_directories(const Layered& file, const char* key) {
  auto directories = file.object.texts(key);
  if (!directories) return directories.error();
  for (const std::string& directory : *directories) {
    if (directory != "*" && !directory.starts_with('/')) {
      return usage_error(
          file.object.where(key) + ": \"" + printable(directory) + "\" is neither an absolute path nor *",
          "a path that ends in /* stands for all below it");
    }
    file.config.safe_directories.push_back(directory);
  }
  return Ok{};
}

Status apply_cache_dir(const Layered& file, const char* key) {
  auto directory = file.object.text(key);
  if (!directory) return directory.error();
  if (!directory->starts_with('/'))
    return usage_error(file.object.where(key) + ": expected an absolute path");
  file.config.cache_dir = *directory;
  return Ok{};
}

enum class Who { kAnybody, kProjectOnly, kNoProject };

struct Key {
  const char* name;
  Who may_say_it;
  Apply apply;  ///< called when the key is there; null: means nothing here
};

constexpr Key kKeys[] = {
    {"$schema", Who::kAnybody, nullptr},
    {"project", Who::kProjectOnly, apply_text<&Config::project>},
    {"build", Who::kProjectOnly, apply_text<&Config::build>},
    {"tests", Who::kProjectOnly, apply_tests},
    {"kernel", Who::kAnybody, apply_kernel},
    {"default_branch", Who::kAnybody, apply_name<&Config::default_branch>},
    {"strict", Who::kAnybody, apply_strict},
    {"store", Who::kAnybody, apply_plugin<&Config::store>},
    {"runner", Who::kAnybody, apply_plugin<&Config::runner>},
    {"baseline", Who::kAnybody, apply_plugin<&Config::baseline>},
    {"gates", Who::kAnybody, apply_plugins<&Config::gates>},
    {"cached_gates", Who::kAnybody, apply_plugins<&Config::cached_gates>},
    {"least_sight", Who::kAnybody, apply_least_sight},
    {"reporters", Who::kAnybody, apply_reporters},
    {"metrics", Who::kAnybody, apply_metrics},
    {"plugin_dirs", Who::kNoProject, apply_plugin_dirs},
    {"trust", Who::kNoProject, apply_trust},
    {"safe_directories", Who::kNoProject, apply_safe_directories},
    {"cache_dir", Who::kNoProject, apply_cache_dir},
};

Status may_say(const Key& key, const Layered& file) {
  if (key.may_say_it == Who::kNoProject && file.from_project()) {
    return usage_error(
        file.object.where(key.name) +
            ": a project may not set this, because cloning a repository must not decide what code runs",
        "put it into the user's configuration (~/.config/ktstr/config.json)");
  }
  if (key.may_say_it == Who::kProjectOnly && !file.from_project())
    return usage_error(file.object.where(key.name) + ": only a project's ktstr.json may set this");
  return Ok{};
}

}  // namespace

std::vector<std::string> config_keys() {
  std::vector<std::string> names;
  for (const Key& key : kKeys) names.emplace_back(key.name);
  return names;
}

Status apply_config_text(std::string_view text, const std::string& file, ConfigLayer layer, Config& config) {
  const auto parsed = parse_json(text, file, kit::for_people());
  if (!parsed) return parsed.error();
  if (!parsed->is_object()) return usage_error(file + ": expected an object, found " + kind_name(*parsed));
  const ObjectReader object(parsed->get_object(), file + ": ");
  if (const Status known = object.only(config_keys()); !known) return known;
  const Layered layered{object, layer, config};
  for (const Key& key : kKeys) {
    if (object.find(key.name) == nullptr) continue;
    if (const Status allowed = may_say(key, layered); !allowed) return allowed;
  }
  for (const Key& key : kKeys) {
    if (object.find(key.name) == nullptr || key.apply == nullptr) continue;
    if (const Status applied = key.apply(layered, key.name); !applied) return applied;
    config.origins[key.name] = layer_name(layer) + " " + file;
  }
  return Ok{};
}

}  // namespace ktstr
