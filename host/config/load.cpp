// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "config/metrics.hpp"
#include "config/project_file.hpp"
#include "support/files.hpp"
#include "support/json.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace fs = std::filesystem;
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

/// Report files of a project: relative to it and inside of it as they are written. Links are followed when
/// the report is opened.
Status keep_reports_inside(const std::string& where, std::vector<ReporterChoice>& reporters) {
  for (std::size_t i = 0; i < reporters.size(); ++i) {
    reporters[i].from_project = true;
    const std::vector<std::string> parts = split(reporters[i].out, '/');
    if (!reporters[i].out.starts_with('/') && std::find(parts.begin(), parts.end(), "..") == parts.end())
      continue;
    return usage_error(
        where + "[" + std::to_string(i) + "].out: \"" + printable(reporters[i].out) +
            "\" must stay inside the project",
        "write elsewhere with a flag: --reporter " + printable(reporters[i].use) + "::out=FILE");
  }
  return Ok{};
}

/// Inside as it is written. Links are followed when it is looked at.
Status stays_inside(const std::string& where, const std::string& path) {
  const std::vector<std::string> parts = split(path, '/');
  if (!path.empty() && path.front() != '/' && std::find(parts.begin(), parts.end(), "..") == parts.end())
    return Ok{};
  return usage_error(where + ": \"" + printable(path) + "\" must stay inside the project");
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

/// "a\::b" keeps its colons; every other "::" separates.
std::vector<std::string> split_flag(const std::string& flag) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < flag.size();) {
    if (flag.compare(i, 3, "\\::") == 0) {
      parts.back() += "::";
      i += 3;
    } else if (flag.compare(i, 2, "::") == 0) {
      parts.emplace_back();
      i += 2;
    } else {
      parts.back() += flag[i++];
    }
  }
  return parts;
}

}  // namespace

std::vector<std::string> config_keys() {
  return {"$schema",     "project",   "build",   "tests",       "kernel", "default_branch",
          "strict",      "store",     "runner",  "baseline",    "gates",  "cached_gates",
          "least_sight", "reporters", "metrics", "plugin_dirs", "trust",  "safe_directories",
          "cache_dir"};
}

Status apply_config_text(std::string_view text, const std::string& file, ConfigLayer layer, Config& config) {
  const auto parsed = parse_json(text, file, {true, 32});
  if (!parsed) return parsed.error();
  if (!parsed->is_object()) return usage_error(file + ": expected an object, found " + kind_name(*parsed));
  const std::string where = file + ": ";
  const ObjectReader object(parsed->get_object(), where);
  if (const Status known = object.only(config_keys()); !known) return known;
  const std::string origin = layer_name(layer) + " " + file;

  if (layer == ConfigLayer::kProject) {
    for (const char* key : {"plugin_dirs", "trust", "safe_directories", "cache_dir"}) {
      if (object.find(key) != nullptr) {
        return usage_error(
            object.where(key) +
                ": a project may not set this, because cloning a repository must not decide what code runs",
            "put it into the user's configuration (~/.config/ktstr/config.json)");
      }
    }
  } else {
    for (const char* key : {"project", "build", "tests"}) {
      if (object.find(key) != nullptr)
        return usage_error(object.where(key) + ": only a project's ktstr.json may set this");
    }
  }

  for (const auto& [key, field] : {std::pair{"project", &config.project},
                                   {"build", &config.build},
                                   {"kernel", &config.kernel},
                                   {"default_branch", &config.default_branch}}) {
    if (object.find(key) == nullptr) continue;
    auto value = object.text(key);
    if (!value) return value.error();
    const bool names_something = field == &config.default_branch || field == &config.kernel;
    if (value->empty() && names_something)
      return usage_error(object.where(key) + ": the name is empty", "leave the key out for the default");
    *field = *value;
    config.origins[key] = origin;
    if (field != &config.kernel) continue;
    config.kernel_from_project = layer == ConfigLayer::kProject;
    if (!config.kernel_from_project) continue;
    if (const Status inside = stays_inside(object.where(key), *value); !inside) {
      return usage_error(
          inside.error().message,
          "name a kernel of the cache, or give this one by a flag: --kernel " + printable(*value));
    }
  }
  if (const json::value* strict = object.find("strict")) {
    if (!strict->is_bool())
      return usage_error(object.where("strict") + ": expected true or false, found " + kind_name(*strict));
    config.strict = strict->get_bool();
    config.origins["strict"] = origin;
  }
  if (object.find("tests") != nullptr) {
    auto tests = object.texts("tests");
    if (!tests) return tests.error();
    if (tests->empty())
      return usage_error(object.where("tests") + ": the array is empty", "leave the key out for the default");
    for (const std::string& pattern : *tests) {
      if (const Status inside = stays_inside(object.where("tests"), pattern); !inside) return inside;
    }
    config.tests = *tests;
    config.origins["tests"] = origin;
  }
  for (const auto& [key, field] :
       {std::pair{"store", &config.store}, {"runner", &config.runner}, {"baseline", &config.baseline}}) {
    const json::value* value = object.find(key);
    if (value == nullptr) continue;
    auto choice = plugin_choice(*value, object.where(key));
    if (!choice) return choice.error();
    *field = *choice;
    field->from_project = layer == ConfigLayer::kProject;
    config.origins[key] = origin;
  }
  for (const auto& [key, field] :
       {std::pair{"gates", &config.gates}, {"cached_gates", &config.cached_gates}}) {
    const json::value* value = object.find(key);
    if (value == nullptr) continue;
    auto list = choices<PluginChoice>(*value, object.where(key), plugin_choice);
    if (!list) return list.error();
    *field = *list;
    for (PluginChoice& choice : *field) choice.from_project = layer == ConfigLayer::kProject;
    config.origins[key] = origin;
  }
  if (const json::value* value = object.find("least_sight")) {
    if (!value->is_number())
      return usage_error(object.where("least_sight") + ": a percentage, found " + kind_name(*value));
    config.least_sight = value->to_number<double>();
    if (!(config.least_sight >= 0 && config.least_sight <= 100))
      return usage_error(object.where("least_sight") + ": a percentage from 0 to 100");
    config.origins["least_sight"] = origin;
  }
  if (const json::value* value = object.find("reporters")) {
    auto list = choices<ReporterChoice>(*value, object.where("reporters"), reporter_choice);
    if (!list) return list.error();
    config.reporters = *list;
    if (layer == ConfigLayer::kProject) {
      if (const Status inside = keep_reports_inside(object.where("reporters"), config.reporters); !inside)
        return inside;
    }
    config.origins["reporters"] = origin;
  }
  if (const json::value* value = object.find("metrics")) {
    if (const Status added = add_metrics(*value, object.where("metrics"), "the project", config.metrics);
        !added)
      return added;
    config.origins["metrics"] = origin;
  }
  if (object.find("plugin_dirs") != nullptr) {
    auto directories = object.texts("plugin_dirs");
    if (!directories) return directories.error();
    for (const std::string& directory : *directories) {
      if (directory.empty() || directory.front() != '/')
        return usage_error(object.where("plugin_dirs") + ": \"" + printable(directory) +
                           "\" is not an absolute path");
      config.plugin_dirs.emplace_back(directory);
    }
    config.origins["plugin_dirs"] = origin;
  }
  if (object.find("trust") != nullptr) {
    auto entries = object.texts("trust");
    if (!entries) return entries.error();
    for (const std::string& entry : *entries) {
      if (!entry.starts_with("sha256:") || entry.size() != 7 + 64 ||
          entry.find_first_not_of("0123456789abcdef", 7) != std::string::npos) {
        return usage_error(object.where("trust") + ": \"" + printable(entry) + "\" is not sha256:HEX",
                           "64 lower-case hex digits, as sha256sum prints them");
      }
      config.trusted_sha256.push_back(entry.substr(7));
    }
    config.origins["trust"] = origin;
  }
  if (object.find("safe_directories") != nullptr) {
    auto directories = object.texts("safe_directories");
    if (!directories) return directories.error();
    for (const std::string& directory : *directories) {
      if (directory != "*" && !directory.starts_with('/')) {
        return usage_error(object.where("safe_directories") + ": \"" + printable(directory) +
                               "\" is neither an absolute path nor *",
                           "a path that ends in /* stands for all below it");
      }
      config.safe_directories.push_back(directory);
    }
    config.origins["safe_directories"] = origin;
  }
  if (object.find("cache_dir") != nullptr) {
    auto directory = object.text("cache_dir");
    if (!directory) return directory.error();
    if (directory->empty() || directory->front() != '/')
      return usage_error(object.where("cache_dir") + ": expected an absolute path");
    config.cache_dir = *directory;
    config.origins["cache_dir"] = origin;
  }
  return Ok{};
}

namespace {

/// The cache of a user without a home. Anybody may have made it before us: it serves only when it is ours.
fs::path homeless_cache() { return "/var/tmp/ktstr-" + std::to_string(::geteuid()); }

}  // namespace

Result<Config> load_config(const Environment& environment, const fs::path& prefix) {
  Config config;
  std::error_code error;
  if (!environment.xdg_cache_home.empty()) {
    config.cache_dir = fs::path(environment.xdg_cache_home) / "ktstr";
  } else if (!environment.home.empty()) {
    config.cache_dir = fs::path(environment.home) / ".cache/ktstr";
  } else {  // nobody's home: a directory that is ours, or none of ours yet
    config.cache_dir = homeless_cache();
  }
  const fs::path config_home = !environment.xdg_config_home.empty() ? fs::path(environment.xdg_config_home)
                               : environment.home.empty()           ? fs::path()
                                                                    : fs::path(environment.home) / ".config";
  const auto apply = [&](const fs::path& file, ConfigLayer layer) -> Status {
    if (file.empty()) return Ok{};
    const bool there = fs::exists(file, error);
    if (error) return usage_error("cannot look at " + printable(file.string()) + ": " + error.message());
    if (!there) return Ok{};
    const auto text = read_file(file, kMaxConfigFile);
    if (!text) return usage_error(text.error().message);
    return apply_config_text(*text, file.string(), layer, config);
  };
  for (const fs::path& file : {fs::path("/etc/ktstr/config.json"), prefix / "etc/ktstr/config.json"}) {
    if (const Status applied = apply(file, ConfigLayer::kSystem); !applied) return applied.error();
  }
  if (!config_home.empty()) {
    if (const Status applied = apply(config_home / "ktstr/config.json", ConfigLayer::kUser); !applied)
      return applied.error();
  }
  config.project_dir = config.searched_from = environment.cwd;
  auto project = find_project_file(environment.cwd, config.safe_directories, environment.sudo_uid);
  if (!project) return project.error();
  if (*project) {
    config.project_dir = (*project)->directory;
    config.has_project_file = true;
    const Status applied =
        apply_config_text((*project)->text, (*project)->file().string(), ConfigLayer::kProject, config);
    if (!applied) return applied.error();
  }
  if (config.project.empty()) config.project = config.project_dir.filename().string();
  for (const auto& [name, value] :
       {std::pair{"KTSTR_TEST_KERNEL", &environment.test_kernel}, {"KTSTR_KERNEL", &environment.kernel}}) {
    if (value->empty()) continue;
    config.kernel = *value;
    config.kernel_from_project = false;
    config.origins["kernel"] = std::string("environment ") + name;
    break;
  }
  if (!environment.cache_dir.empty()) {
    config.cache_dir = fs::absolute(environment.cache_dir, error);
    config.origins["cache_dir"] = "environment KTSTR_CACHE_DIR";
  }
  if (struct stat there{}; config.cache_dir == homeless_cache() &&
                           ::lstat(config.cache_dir.c_str(), &there) == 0 &&
                           (!S_ISDIR(there.st_mode) || there.st_uid != ::geteuid())) {
    return environment_error("neither HOME nor XDG_CACHE_HOME is set, and " + config.cache_dir.string() +
                                 " belongs to somebody else",
                             "set XDG_CACHE_HOME to a directory that you may write to");
  }
  return config;
}

Result<PluginChoice> parse_plugin_flag(const std::string& flag, const std::string& what) {
  const std::vector<std::string> parts = split_flag(flag);
  PluginChoice choice{parts.front(), "{}"};
  if (choice.use.empty())
    return usage_error(what + " \"" + printable(flag) + "\" names no plugin", "NAME[::key=value]");
  json::object options;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = parts[i].find('=');
    if (equals == 0 || equals == std::string::npos) {
      return usage_error(
          what + " \"" + printable(flag) + "\": \"" + printable(parts[i]) + "\" is not key=value",
          "write \\:: for a literal ::");
    }
    const std::string key = parts[i].substr(0, equals), value = parts[i].substr(equals + 1);
    if (options.contains(key)) {
      return usage_error(what + " \"" + printable(flag) + "\": " + printable(key) + "= stands twice");
    }
    boost::system::error_code error;
    json::value parsed = json::parse(value, error);
    options[key] = error || parsed.is_structured() ? json::value(value) : std::move(parsed);
  }
  choice.options_json = to_text(options, 0);
  return choice;
}

Result<ReporterChoice> parse_reporter_flag(const std::string& flag) {
  ReporterChoice reporter;
  std::string rest;
  bool first = true;
  for (const std::string& part : split_flag(flag)) {
    if (part.starts_with("out=") && !first) {
      if (!reporter.out.empty()) {
        return usage_error("--reporter \"" + printable(flag) + "\": out= stands twice",
                           "one reporter writes one file");
      }
      reporter.out = part.substr(4);
      if (reporter.out.empty())
        return usage_error("--reporter \"" + printable(flag) + "\": out= names no file");
      continue;
    }
    std::string escaped;  // split_flag took the escapes away
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part.compare(i, 2, "::") == 0) {
        escaped += "\\::";
        ++i;
      } else {
        escaped += part[i];
      }
    }
    rest += (first ? "" : "::") + escaped;
    first = false;
  }
  auto choice = parse_plugin_flag(rest, "--reporter");
  if (!choice) return choice.error();
  reporter.use = choice->use;
  reporter.options_json = choice->options_json;
  return reporter;
}

}  // namespace ktstr
