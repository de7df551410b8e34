// SPDX-License-Identifier: Apache-2.0
//
// Which files of plugins a catalogue believes.
#include <fcntl.h>

#include <algorithm>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>

#include "plugin/catalogue.hpp"
#include "plugin/trust.hpp"

namespace ktstr {

Error PluginCatalogue::told_when_changed(Error error, const std::filesystem::path& file) const {
  if (!search_.once_trusted.contains(file.string())) return error;
  const std::string shown = printable(file.string());
  error.message = shown + " has changed since it was trusted" +
                  (search_.safe ? ", and --safe loads nothing else" : "; " + error.message);
  error.hint = "look at what changed, then: ktstr plugin trust " + shown;
  return error;
}

Status PluginCatalogue::check_manifest(const FoundPlugin& plugin) const {
  const Status trusted =
      check_trust(plugin.manifest.file, plugin.manifest_sha256, search_.trusted_sha256, rule_for(plugin));
  if (!trusted) return told_when_changed(trusted.error(), plugin.manifest.file);
  return Ok{};
}

Result<TrustedLibrary> PluginCatalogue::open_library(const FoundPlugin& plugin) const {
  const std::filesystem::path file = plugin.manifest.library_path();
  auto opened = TrustedLibrary::open(file, search_.trusted_sha256, rule_for(plugin));
  if (!opened) return told_when_changed(opened.error(), file);
  return opened;
}

std::string PluginCatalogue::trust_of(const FoundPlugin& plugin) const {
  constexpr std::uint64_t kLargestLibrary = 512 << 20;
  if (plugin.shipped) return "shipped";
  if (plugin.manifest.library.empty()) return "none";  // a manifest that cannot be read
  const std::filesystem::path file = plugin.manifest.library_path();
  const auto listed = [&](const std::string& sha256) {
    return std::find(search_.trusted_sha256.begin(), search_.trusted_sha256.end(), sha256) !=
           search_.trusted_sha256.end();
  };
  if (!search_.trusted_sha256.empty() && listed(plugin.manifest_sha256)) {
    const auto bytes = kit::read_file(file, kLargestLibrary, O_NOFOLLOW);
    if (bytes && listed(kit::sha256_of(*bytes))) return "hash";
  }
  if (search_.once_trusted.contains(file.string()) ||
      search_.once_trusted.contains(plugin.manifest.file.string()))
    return "changed";
  const bool owned = !search_.safe && check_trust(file, "", {}) && check_trust(plugin.manifest.file, "", {});
  return owned ? "owner" : "none";
}

}  // namespace ktstr
