// SPDX-License-Identifier: Apache-2.0
#include "config/store_choice.hpp"

#include <algorithm>
#include <filesystem>
#include <ktstr/kit/text.hpp>

#include "support/json.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

/// "s3" of "s3://…"; empty for what is no URL.
std::string_view scheme_of(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos || end == 0) return {};
  const std::string_view scheme = text.substr(0, end);
  const bool fine = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
  return fine ? scheme : std::string_view();
}

bool is_path(std::string_view text) {
  return text == "." || text == ".." || text.find('/') != std::string_view::npos || text.starts_with('~');
}

}  // namespace

PluginChoice store_of_url(std::string_view text) {
  const std::string_view scheme = scheme_of(text);
  if (scheme.empty()) return {std::string(text), "{}"};
  return {std::string(scheme), to_text(json::object{{"url", text}}, 0)};
}

Result<PluginChoice> parse_store(const std::string& text, const std::string& cwd,
                                 const PluginChoice& configured, const std::string& what) {
  if (text.empty())
    return usage_error(what + " names no store", "a URL, a directory of runs, or a plugin's name");
  if (!scheme_of(text).empty()) return store_of_url(text);
  if (!is_path(text)) return text == configured.use ? configured : PluginChoice{text, "{}"};
  if (text.starts_with('~')) {
    return usage_error(what + " \"" + printable(text) + "\": only a shell knows what ~ is",
                       "leave the quotes away, or write the whole path");
  }
  const fs::path root = (fs::path(cwd) / text).lexically_normal();
  return PluginChoice{"fs", to_text(json::object{{"root", root.string()}}, 0)};
}

std::string store_text(const PluginChoice& choice) {
  const auto options = parse_json(choice.options_json, "options");
  if (!options || !options->is_object()) return choice.use;
  for (const char* key : {"url", "root"}) {
    const json::value* place = options->get_object().if_contains(key);
    if (place != nullptr && place->is_string()) return std::string(place->get_string());
  }
  return choice.use;
}

}  // namespace ktstr
