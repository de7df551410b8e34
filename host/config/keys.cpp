// SPDX-License-Identifier: Apache-2.0
//
// What a configuration file may say: one row and one function for each key.
#include <algorithm>
#include <array>
#include <ktstr/kit/text.hpp>

#include "config/load.hpp"
#include "config/metrics.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

std::string layer_name(ConfigLayer layer) {
  return layer == ConfigLayer::kSystem ? "system" : layer == ConfigLayer::kUser ? "user" : "project";
}

constexpr std::array<std::string_view, 2> kChoiceKeys = {"use", "options"};
constexpr std::array<std::string_view, 3> kReporterKeys = {"use", "out", "options"};

/// A plugin's name, or an object of these keys.
template <typename Choice>
Choice plugin_choice(const Located& located, Keys keys) {
  Choice choice;
  if (located.value->is_string()) {
    choice.use = located.text();
  } else if (located.value->is_object()) {
    const StrictObject object(located, keys);
    choice.use = object.text("use");
    if (const Located* options = object.find("options")) {
      if (!options->value->is_object()) wrong(options->place, "an object", *options->value);
      choice.options_json = to_text(*options->value, 0);
    }
    if constexpr (std::is_same_v<Choice, ReporterChoice>) choice.out = object.text("out");
  } else {
    wrong(located.place, "a plugin's name or an object with \"use\"", *located.value);
  }
  if (choice.use.empty()) refuse(located.place, "\"use\" names no plugin");
  return choice;
}

/// Inside as it is written. Links are followed when it is looked at.
bool stays_inside(const std::string& path) {
  const std::vector<std::string> parts = split(path, '/');
  return !path.starts_with('/') && std::find(parts.begin(), parts.end(), "..") == parts.end();
}

void insist_on_some(const Located& array, std::string_view hint = {}) {
  if (array.items().empty()) refuse(array.place, "the array is empty", std::string(hint));
}

/// A file of one layer that is being laid over `config`.
struct Layered {
  ConfigLayer layer;
  Config& config;
  bool from_project() const { return layer == ConfigLayer::kProject; }
};

using Apply = void (*)(const Layered& file, const Located& value);

template <std::string Config::*kField>
void apply_text(const Layered& file, const Located& value) {
  file.config.*kField = value.text();
}

constexpr std::string_view kLeaveOut = "leave the key out for the default";

template <std::string Config::*kField>
void apply_name(const Layered& file, const Located& value) {
  file.config.*kField = value.text();
  if ((file.config.*kField).empty()) refuse(value.place, "the name is empty", std::string(kLeaveOut));
}

void apply_kernel(const Layered& file, const Located& value) {
  apply_name<&Config::kernel>(file, value);
  file.config.kernel_from_project = file.from_project();
  const std::string kernel = printable(file.config.kernel);
  if (file.from_project() && !stays_inside(file.config.kernel)) {
    refuse(value.place, "\"" + kernel + "\" must stay inside the project",
           "name a kernel of the cache, or give this one by a flag: --kernel " + kernel);
  }
}

void apply_tests(const Layered& file, const Located& value) {
  file.config.tests = value.texts();
  insist_on_some(value, kLeaveOut);
  for (const std::string& pattern : file.config.tests) {
    if (pattern.empty() || !stays_inside(pattern))
      refuse(value.place, "\"" + printable(pattern) + "\" must stay inside the project");
  }
}

void apply_strict(const Layered& file, const Located& value) { file.config.strict = value.boolean(); }

void apply_least_sight(const Layered& file, const Located& value) {
  file.config.least_sight = value.number(0, 100);
}

template <PluginChoice Config::*kField>
void apply_plugin(const Layered& file, const Located& value) {
  file.config.*kField = plugin_choice<PluginChoice>(value, kChoiceKeys);
  (file.config.*kField).from_project = file.from_project();
}

template <std::vector<PluginChoice> Config::*kField>
void apply_plugins(const Layered& file, const Located& value) {
  insist_on_some(value);
  std::vector<PluginChoice> list;
  for (const Located& item : value.items()) {
    list.push_back(plugin_choice<PluginChoice>(item, kChoiceKeys));
    list.back().from_project = file.from_project();
  }
  file.config.*kField = std::move(list);
}

/// Report files of a project: relative to it and inside of it as they are written. Links are followed when
/// the report is opened.
void apply_reporters(const Layered& file, const Located& value) {
  insist_on_some(value);
  std::vector<ReporterChoice> list;
  for (const Located& item : value.items()) {
    ReporterChoice& reporter = list.emplace_back(plugin_choice<ReporterChoice>(item, kReporterKeys));
    reporter.from_project = file.from_project();
    if (!file.from_project() || stays_inside(reporter.out)) continue;
    refuse(item.place + ".out", "\"" + printable(reporter.out) + "\" must stay inside the project",
           "write elsewhere with a flag: --reporter " + printable(reporter.use) + "::out=FILE");
  }
  file.config.reporters = std::move(list);
}

void apply_metrics(const Layered& file, const Located& value) {
  add_metrics(value, "the project", file.config.metrics);
}

void apply_plugin_dirs(const Layered& file, const Located& value) {
  for (const std::string& directory : value.texts()) {
    if (!directory.starts_with('/'))
      refuse(value.place, "\"" + printable(directory) + "\" is not an absolute path");
    file.config.plugin_dirs.emplace_back(directory);
  }
}

void apply_trust(const Layered& file, const Located& value) {
  for (const std::string& entry : value.texts()) {
    if (!entry.starts_with("sha256:") || entry.size() != 7 + 64 ||
        entry.find_first_not_of("0123456789abcdef", 7) != std::string::npos) {
      refuse(value.place, "\"" + printable(entry) + "\" is not sha256:HEX",
             "64 lower-case hex digits, as sha256sum prints them");
    }
    file.config.trusted_sha256.push_back(entry.substr(7));
  }
}

void apply_safe_directories(const Layered& file, const Located& value) {
  for (const std::string& directory : value.texts()) {
    if (directory != "*" && !directory.starts_with('/')) {
      refuse(value.place, "\"" + printable(directory) + "\" is neither an absolute path nor *",
             "a path that ends in /* stands for all below it");
    }
    file.config.safe_directories.push_back(directory);
  }
}

void apply_cache_dir(const Layered& file, const Located& value) {
  const std::string directory = value.text();
  if (!directory.starts_with('/')) wrong(value.place, "an absolute path", *value.value);
  file.config.cache_dir = directory;
}

enum class Who { kAnybody, kProjectOnly, kNoProject };

struct Key {
  std::string_view name;
  Who may_say_it;
  Apply apply;  ///< called when the key is there; null: means nothing here
};

constexpr std::array kKeys = std::to_array<Key>({
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
});

constexpr std::array kKeyNames = [] {
  std::array<std::string_view, kKeys.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kKeys[i].name;
  return names;
}();

void insist_that_it_may(const Key& key, const Located& value, const Layered& file) {
  if (key.may_say_it == Who::kNoProject && file.from_project()) {
    refuse(value.place,
           "a project may not set this, because cloning a repository must not decide what code runs",
           "put it into the user's configuration (~/.config/ktstr/config.json)");
  }
  if (key.may_say_it == Who::kProjectOnly && !file.from_project())
    refuse(value.place, "only a project's ktstr.json may set this");
}

}  // namespace

std::vector<std::string> config_keys() { return {kKeyNames.begin(), kKeyNames.end()}; }

Status apply_config_text(std::string_view text, const std::string& file, ConfigLayer layer, Config& config) {
  return read_document(text, file, kit::for_people(), ExitCode::kUsage, [&](const Located& top) {
    const StrictObject object(top, kKeyNames, true);
    const Layered layered{layer, config};
    for (const Key& key : kKeys) {
      if (const Located* value = object.find(key.name)) insist_that_it_may(key, *value, layered);
    }
    for (const Key& key : kKeys) {
      const Located* value = object.find(key.name);
      if (value == nullptr || key.apply == nullptr) continue;
      key.apply(layered, *value);
      config.origins[std::string(key.name)] = layer_name(layer) + " " + file;
    }
  });
}

}  // namespace ktstr
