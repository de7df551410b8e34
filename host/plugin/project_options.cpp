// SPDX-License-Identifier: Apache-2.0
#include "plugin/project_options.hpp"

#include <ktstr/kit/text.hpp>

#include "plugin/options_schema.hpp"
#include "plugin/secrets.hpp"
#include "support/confinement.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

const json::value* member(const json::value* schema, std::string_view key) {
  if (schema == nullptr || !schema->is_object()) return nullptr;
  return schema->get_object().if_contains({key.data(), key.size()});
}

std::string_view text_member(const json::value* schema, std::string_view key) {
  const json::value* found = member(schema, key);
  return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

constexpr std::string_view kUsersChoice = "users-choice";

bool looks_like_a_path(std::string_view text) {
  return text.find('/') != std::string_view::npos || text == ".." || text.starts_with('~');
}

class Confined {
 public:
  Confined(const std::filesystem::path& project_dir) : project_dir_(project_dir) {}

  Status walk(json::value& value, const json::value* schema, const std::string& where) const {
    if (text_member(schema, "format") == kUsersChoice) {
      return usage_error(where + ": a project may not say this, because it decides where your credentials go",
                         "put it into the user's configuration (~/.config/ktstr/config.json)");
    }
    if (value.is_string()) return text(value, schema, where);
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.get_array().size(); ++i) {
        const Status fine =
            walk(value.get_array()[i], member(schema, "items"), where + '[' + std::to_string(i) + ']');
        if (!fine) return fine;
      }
    } else if (value.is_object() && text_member(schema, "format") == kSecretFormat) {
      return secret(value.get_object(), where);
    } else if (value.is_object()) {
      const json::value* properties = member(schema, "properties");
      for (json::key_value_pair& entry : value.get_object()) {
        const std::string key(entry.key());
        const json::value* known = member(properties, key);
        const Status fine =
            walk(entry.value(), known != nullptr ? known : member(schema, "additionalProperties"),
                 where + ' ' + printable(key));
        if (!fine) return fine;
      }
    }
    return Ok{};
  }

 private:
  Status secret(const json::object& reference, const std::string& where) const {
    const json::value* name = reference.if_contains("env");
    if (name == nullptr || !name->is_string() || name->get_string().starts_with(kProjectSecrets)) return Ok{};
    return usage_error(where + ": a project may name secrets of variables that begin with " +
                           std::string(kProjectSecrets) + ", not " +
                           printable(std::string(name->get_string())),
                       "put it into the user's configuration (~/.config/ktstr/config.json)");
  }
  Status text(json::value& value, const json::value* schema, const std::string& where) const {
    const std::string given(value.get_string());
    const std::string_view format = text_member(schema, "format");
    const bool program_by_name =
        format == "host-program" && given.find('/') == std::string::npos && given != "." && given != "..";
    if (program_by_name) return Ok{};
    if (format == "host-path" || format == "host-program" || format == kRunsRootFormat) {
      const auto place = path_in_project(project_dir_, given, where);
      if (!place) return place.error();
      value = place->string();
      return Ok{};
    }
    const bool no_path =
        !format.empty() || member(schema, "enum") != nullptr || member(schema, "pattern") != nullptr;
    if (no_path || !looks_like_a_path(given)) return Ok{};
    return usage_error(
        where + ": \"" + printable(given) +
            "\" looks like a path, and the plugin does not say that this option is none",
        "put it into the user's configuration (~/.config/ktstr/config.json), where paths need no permission");
  }

  const std::filesystem::path& project_dir_;
};

}  // namespace

Result<std::string> project_options(std::string_view schema, const std::string& options_json,
                                    const std::filesystem::path& project_dir, const std::string& where) {
  auto options = parse_json(options_json, where);
  if (!options) return options.error();
  const auto rules = parse_json(schema.empty() ? "{}" : schema, "schema");
  const Status fine = Confined(project_dir).walk(*options, rules ? &*rules : nullptr, where);
  if (!fine) return fine.error();
  return to_text(*options, 0);
}

}  // namespace ktstr
