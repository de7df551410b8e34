// SPDX-License-Identifier: Apache-2.0
//
// One field of a run manifest, or of a test in it, as data. Writer, reader and schema are made from the rows.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "sidecar/run_manifest.hpp"

namespace ktstr {

inline constexpr std::uint64_t kRunManifestVersion = 1;

/// What an empty text is. Refused ones may not be left out either; of the others null and nothing are empty.
enum class EmptyText { kRefused, kWritten, kNull };

template <typename Owner>
struct RunManifestField {
  std::string_view name, meaning;
  std::variant<std::string Owner::*, bool Owner::*> member;  ///< a flag may not be left out
  EmptyText empty = EmptyText::kNull;
  std::span<const std::string_view> values = {};  ///< the only ones, where there are some
  bool of_one = false;  ///< of one invocation alone: merged manifests do not take it from each other

  bool is_text() const { return std::holds_alternative<std::string Owner::*>(member); }
  bool needed() const { return !is_text() || empty == EmptyText::kRefused; }
};

/// In the order in which they are written, between "schema_version" and "tests".
std::span<const RunManifestField<RunManifest>> run_manifest_fields();
std::span<const RunManifestField<PlannedTest>> planned_test_fields();

}  // namespace ktstr
