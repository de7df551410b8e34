// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "config/project_file.hpp"
#include "config/store_choice.hpp"
#include "support/details.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

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

/// The cache of a user without a home. Anybody may have made it before us: it serves only when it is ours.
fs::path homeless_cache() { return "/var/tmp/ktstr-" + std::to_string(::geteuid()); }

/// A file that lies in `config` already.
struct Applied {
  std::string text, file;
  ConfigLayer layer;
};

Status check_profile(const std::string& name, const Config& config) {
  const auto& known = config.profiles;
  if (std::find(known.begin(), known.end(), name) != known.end()) return Ok{};
  return usage_error("there is no profile \"" + printable(name) + "\"" + suggestion(name, known),
                     known.empty() ? "no configuration file has \"profiles\" (docs/profiles.md)"
                                   : "profiles: " + printable(join(known, ", ")));
}

/// The profile of that name, of each file that has it; none when the name is empty.
Status lay_profile_over(const std::string& name, const std::vector<Applied>& files, Config& config) {
  if (name.empty()) return Ok{};
  if (const Status known = check_profile(name, config); !known) return known;
  config.profile = name;
  tell_step("profile: " + name);
  for (const Applied& one : files) {
    const Status applied = apply_profile_text(one.text, one.file, one.layer, name, config);
    if (!applied) return applied;
  }
  return Ok{};
}

/// Of a container, say, whose root works on somebody else's checkout and has no configuration of its own.
Status add_safe_directories(const std::string& listed, Config& config) {
  for (const std::string& place : split(listed, ':')) {
    if (place.empty()) continue;
    if (place != "*" && !place.starts_with('/'))
      return usage_error(
          "KTSTR_SAFE_DIRECTORIES: \"" + printable(place) + "\" is neither an absolute path nor *",
          "a path that ends in /* stands for all below it; several are separated by colons");
    config.safe_directories.push_back(place);
  }
  return Ok{};
}

/// What variables say, which win over files.
Status apply_environment(const Environment& environment, Config& config) {
  for (const auto& [name, value] :
       {std::pair{"KTSTR_TEST_KERNEL", &environment.test_kernel}, {"KTSTR_KERNEL", &environment.kernel}}) {
    if (value->empty()) continue;
    config.kernel = *value;
    config.kernel_from_project = false;
    config.origins["kernel"] = std::string("environment ") + name;
    break;
  }
  if (!environment.store.empty()) {
    auto store = parse_store(environment.store, environment.cwd, config.store, "--store or KTSTR_STORE");
    if (!store) return store.error();
    config.store = std::move(*store);
    config.origins["store"] = "--store or KTSTR_STORE";
  }
  if (!environment.cache_dir.empty()) {
    std::error_code error;
    config.cache_dir = fs::absolute(environment.cache_dir, error);
    config.origins["cache_dir"] = "environment KTSTR_CACHE_DIR";
  }
  return Ok{};
}

}  // namespace

fs::path user_directory(const Environment& environment) {
  if (!environment.xdg_config_home.empty()) return fs::path(environment.xdg_config_home) / "ktstr";
  return environment.home.empty() ? fs::path() : fs::path(environment.home) / ".config/ktstr";
}

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
  const fs::path user = user_directory(environment);
  std::vector<Applied> files;
  const auto apply_text = [&](const std::string& text, const std::string& file, ConfigLayer layer) {
    files.push_back({text, file, layer});
    return apply_config_text(text, file, layer, config);
  };
  const auto apply = [&](const fs::path& file, ConfigLayer layer) -> Status {
    if (file.empty()) return Ok{};
    const bool there = fs::exists(file, error);
    if (error) return usage_error("cannot look at " + printable(file.string()) + ": " + error.message());
    if (!there) return Ok{};
    const auto text = read_file(file, kMaxConfigFile);
    if (!text) return usage_error(text.error().message);
    tell_step("configuration: " + file.string());
    return apply_text(*text, file.string(), layer);
  };
  for (const fs::path& file : {fs::path("/etc/ktstr/config.json"), prefix / "etc/ktstr/config.json"}) {
    if (const Status applied = apply(file, ConfigLayer::kSystem); !applied) return applied.error();
  }
  if (!user.empty()) {
    if (const Status applied = apply(user / "config.json", ConfigLayer::kUser); !applied)
      return applied.error();
  }
  if (const Status added = add_safe_directories(environment.safe_directories, config); !added)
    return added.error();
  config.project_dir = config.searched_from = environment.cwd;
  auto project = find_project_file(environment.cwd, config.safe_directories, environment.sudo_uid);
  if (!project) return project.error();
  if (*project) {
    config.project_dir = (*project)->directory;
    config.has_project_file = true;
    const Status applied = apply_text((*project)->text, (*project)->file().string(), ConfigLayer::kProject);
    if (!applied) return applied.error();
  }
  if (const Status applied = lay_profile_over(environment.profile, files, config); !applied)
    return applied.error();
  if (config.project.empty()) config.project = config.project_dir.filename().string();
  if (const Status applied = apply_environment(environment, config); !applied) return applied.error();
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
  KTSTR_ASSERT(!parts.empty());  // nothing is one empty part
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
    const auto parsed = parse_json(value, key);
    options[key] = !parsed || parsed->is_structured() ? json::value(value) : *parsed;
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
