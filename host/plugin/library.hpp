// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/sdk.h>

#include <memory>
#include <string>

#include "plugin/manifest.hpp"
#include "plugin/trust.hpp"

namespace ktstr {

/// False for kinds and versions of other hosts: what a plugin offers of them is skipped.
bool is_known_interface(std::string_view id);

/// Why a table from a plugin cannot be used; empty when it can. Pure, so that tests need no library.
std::string check_descriptor(const ktstr_plugin* plugin, const Manifest& manifest);

/// A loaded plugin whose descriptor agrees with its manifest and whose `init` has run. Stays mapped until the
/// process ends.
class Library {
 public:
  static Result<std::unique_ptr<Library>> load(const Manifest& manifest, TrustedLibrary file,
                                               const ktstr_host* host);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  const std::string& id() const { return id_; }
  /// SHA-256 of the bytes that were loaded; empty when they cannot be read any more.
  std::string sha256() const;
  /// True when its entry returns the same table as when it was loaded. For `plugin check`.
  bool entry_is_steady() const;
  /// The implementation of that interface and name, or null.
  const ktstr_impl* find(std::string_view interface_id, std::string_view name) const;

 private:
  Library() = default;
  struct Mapped;
  std::unique_ptr<Mapped> mapped_;
  const ktstr_plugin* (*entry_)() = nullptr;
  const ktstr_plugin* plugin_ = nullptr;
  std::string id_;
};

}  // namespace ktstr
