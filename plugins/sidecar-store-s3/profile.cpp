// SPDX-License-Identifier: Apache-2.0
#include "profile.hpp"

#include <cerrno>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/sdk_error.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr::s3_store {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;

/// Empty when there is none.
IniSections read_sections(const std::string& path) {
  if (path.empty()) return {};
  auto text = kit::read_file(path, kMostBytes);
  if (text) return parse_ini(*text);
  if (text.error().kind == kit::Failure::Kind::kSystem &&
      (text.error().error == ENOENT || text.error().error == ENOTDIR))
    return {};
  throw kit::sdk_error(text.error());
}

std::string path_of(const Variables& variables, const char* variable, const char* below_home) {
  if (auto path = variables(variable)) return *path;
  const auto home = variables("HOME");
  return home ? *home + below_home : std::string();
}

/// " ; comment" and " # comment" end a value.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 1; i < line.size(); ++i) {
    if ((line[i] == '#' || line[i] == ';') && (line[i - 1] == ' ' || line[i - 1] == '\t'))
      return line.substr(0, i);
  }
  return line;
}

}  // namespace

IniSections parse_ini(std::string_view text) {
  IniSections sections;
  std::string section, parent;
  for (const std::string& raw : kit::lines(text)) {
    const std::string_view line = kit::without_margins(without_comment(raw));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      const std::size_t end = line.find(']');
      section =
          end == std::string_view::npos ? "" : std::string(kit::without_margins(line.substr(1, end - 1)));
      parent.clear();
      if (!section.empty()) sections[section];
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || section.empty()) continue;
    const std::string key(kit::without_margins(line.substr(0, equals)));
    const std::string value(kit::without_margins(line.substr(equals + 1)));
    const bool nested = (raw.front() == ' ' || raw.front() == '\t') && !parent.empty();
    if (!nested) parent = value.empty() ? key : "";
    sections[section][nested ? parent + "." + key : key] = value;
  }
  return sections;
}

Profile::Profile(const Variables& variables) {
  auto asked = variables("AWS_PROFILE");
  if (!asked) asked = variables("AWS_DEFAULT_PROFILE");
  if (asked) name_ = *asked;
  const IniSections config = read_sections(path_of(variables, "AWS_CONFIG_FILE", "/.aws/config"));
  const IniSections secrets =
      read_sections(path_of(variables, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"));
  bool found = false;
  const auto take = [&](const IniSections& sections, const std::string& section) {
    const auto at = sections.find(section);
    if (at == sections.end()) return;
    found = true;
    for (const auto& [key, value] : at->second) values_[key] = value;
  };
  if (name_ == "default") take(config, "default");
  take(config, "profile " + name_);
  take(secrets, name_);
  if (asked && !found) {
    throw sdk::Error(KTSTR_INVALID_ARGUMENT,
                     "store s3: there is no profile \"" + printable_start(name_, 80) + "\"",
                     "AWS_PROFILE names it; profiles stand in ~/.aws/config and ~/.aws/credentials");
  }
  const auto services = config.find("services " + value("services"));
  if (services != config.end()) services_ = services->second;
}

std::string Profile::value(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? std::string() : found->second;
}

std::string Profile::service_value(std::string_view service, std::string_view key) const {
  const auto found = services_.find(std::string(service) + "." + std::string(key));
  return found == services_.end() ? std::string() : found->second;
}

}  // namespace ktstr::s3_store
