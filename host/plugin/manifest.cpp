// SPDX-License-Identifier: Apache-2.0
#include "plugin/manifest.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "support/json.hpp"

namespace ktstr {
namespace {

bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 128 && text.front() != '.' && text.back() != '.' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
         });
}

Result<unsigned> small_number(const ObjectReader& object, std::string_view key) {
  const json::value* value = object.find(key);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0 || value->get_int64() > 65535) {
    return plugin_error(object.where(key) + ": expected a small whole number");
  }
  return static_cast<unsigned>(value->get_int64());
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text, const std::filesystem::path& file) {
  const std::string what = file.filename().string();
  const auto parsed = parse_json(text, what);
  if (!parsed) return plugin_error(parsed.error().message);
  if (!parsed->is_object()) return plugin_error(what + ": expected an object, found " + kind_name(*parsed));
  const ObjectReader object(parsed->get_object(), what + ": ");
  const auto format = small_number(object, "manifest");
  if (!format) return format.error();
  if (*format != 1)
    return plugin_error(what + ": manifest format " + std::to_string(*format) +
                        " is not known to this ktstr (1 is)");

  Manifest manifest;
  manifest.file = file;
  for (const auto& [key, field] : {std::pair{"id", &manifest.id},
                                   {"version", &manifest.version},
                                   {"library", &manifest.library},
                                   {"arch", &manifest.arch},
                                   {"vendor", &manifest.vendor},
                                   {"license", &manifest.license}}) {
    auto value = object.text(key);
    if (!value) return plugin_error(value.error().message);
    *field = *value;
  }
  if (!is_id(manifest.id))
    return plugin_error(object.where("id") + ": expected an id such as org.example.gate-x");
  if (manifest.version.empty()) return plugin_error(object.where("version") + ": it is missing");
  if (manifest.library.empty() || manifest.library.find('/') != std::string::npos ||
      manifest.library == "." || manifest.library == ".." ||
      manifest.library.find('\0') != std::string::npos) {
    return plugin_error(object.where("library") + ": expected a file name in the manifest's own directory");
  }
  const json::value* abi = object.find("abi");
  if (abi == nullptr || !abi->is_object())
    return plugin_error(object.where("abi") + ": expected {\"major\"}");
  const ObjectReader abi_object(abi->get_object(), object.where("abi"));
  const auto major = small_number(abi_object, "major");
  if (!major) return major.error();
  manifest.abi_major = *major;

  const json::value* provides = object.find("provides");
  if (provides == nullptr || !provides->is_array() || provides->get_array().empty() ||
      provides->get_array().size() > 64) {
    return plugin_error(object.where("provides") + ": expected an array of what the plugin offers");
  }
  for (const json::value& element : provides->get_array()) {
    const std::string where = object.where("provides") + "[" + std::to_string(manifest.provides.size()) + "]";
    if (!element.is_object())
      return plugin_error(where + ": expected an object, found " + kind_name(element));
    const ObjectReader row(element.get_object(), where);
    auto interface_id = row.text("interface"), name = row.text("name"), summary = row.text("summary");
    if (!interface_id || !name || !summary)
      return plugin_error(where + ": \"interface\", \"name\" and \"summary\" must be strings");
    if (!is_id(*name)) return plugin_error(where + ".name: expected a name such as \"welch\"");
    if (interface_id->find('/') == std::string::npos)
      return plugin_error(where + ".interface: expected an id such as \"ktstr.gate/1\"");
    const auto minor =
        row.find("min_minor") == nullptr ? Result<unsigned>(0U) : small_number(row, "min_minor");
    if (!minor) return minor.error();
    manifest.provides.push_back({*interface_id, *name, *summary, *minor, {}});
    const json::value* metrics = row.find("metrics");
    if (metrics == nullptr) continue;
    if (!metrics->is_array())
      return plugin_error(row.where("metrics") + ": expected an array, found " + kind_name(*metrics));
    if (!interface_id->starts_with("ktstr.runner/"))
      return plugin_error(row.where("metrics") + ": only a runner measures anything");
    manifest.provides.back().metrics = metrics->get_array();
  }
  return manifest;
}

}  // namespace ktstr
