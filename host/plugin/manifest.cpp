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

constexpr std::string_view kExpectedId = "an id such as org.example.gate-x";

unsigned small_number(const Located& located) { return static_cast<unsigned>(located.integer(0, 65535)); }

std::string id_of(const Located& located, std::string_view expected) {
  std::string id = located.text();
  if (!is_id(id)) wrong(located.place, expected, *located.value);
  return id;
}

/// A file beside the manifest, nowhere else.
std::string library_of(const Located& located) {
  std::string library = located.text();
  if (library.empty() || library == "." || library == ".." ||
      library.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
    wrong(located.place, "a file name in the manifest's own directory", *located.value);
  return library;
}

ManifestRow row_of(const Located& located) {
  const OpenObject object(located);
  ManifestRow row;
  const Located& interface_id = object.get("interface");
  row.interface_id = interface_id.text();
  if (row.interface_id.find('/') == std::string::npos)
    wrong(interface_id.place, "an id such as \"ktstr.gate/1\"", *interface_id.value);
  row.name = id_of(object.get("name"), "a name such as \"welch\"");
  row.summary = object.text("summary");
  if (const Located* minor = object.find("min_minor")) row.min_minor = small_number(*minor);
  if (const Located* metrics = object.find("metrics")) {
    if (!metrics->value->is_array()) wrong(metrics->place, "an array", *metrics->value);
    if (!row.interface_id.starts_with("ktstr.runner/"))
      refuse(metrics->place, "only a runner measures anything");
    row.metrics = metrics->value->get_array();
  }
  if (const Located* explore = object.find("explore")) {
    if (!explore->value->is_object()) wrong(explore->place, "an object", *explore->value);
    if (!row.interface_id.starts_with("ktstr.runner/"))
      refuse(explore->place, "only a runner has tests that vary");
    row.explore = explore->value->get_object();
  }
  return row;
}

Manifest manifest_of(const Located& top, const std::filesystem::path& file) {
  const OpenObject object(top, true);
  const Located& format = object.get("manifest");
  if (const unsigned number = small_number(format); number != 1)
    refuse(format.place, "format " + std::to_string(number) + " is not known to this ktstr (1 is)");
  Manifest manifest;
  manifest.file = file;
  manifest.id = id_of(object.get("id"), kExpectedId);
  manifest.version = object.get("version").text();
  if (manifest.version.empty()) refuse(object.get("version").place, "it is empty");
  manifest.library = library_of(object.get("library"));
  manifest.arch = object.text("arch");
  manifest.vendor = object.text("vendor");
  manifest.license = object.text("license");
  manifest.abi_major = small_number(OpenObject(object.get("abi")).get("major"));
  for (const Located& item : object.get("provides").items(1, 64)) manifest.provides.push_back(row_of(item));
  return manifest;
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text, const std::filesystem::path& file) {
  return read_document(text, file.filename().string(), {}, ExitCode::kPlugin,
                       [&](const Located& top) { return manifest_of(top, file); });
}

}  // namespace ktstr
