// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/result.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace ktstr::fs_store {

/// What to do about an errno value where runs are kept; may be empty.
std::string hint_of(int error);

sdk::Error error_of(const kit::Failure& failure);

/// The value, or what failed, thrown.
template <typename T>
T checked(kit::Outcome<T> outcome) {
  if (!outcome) throw error_of(outcome.error());
  return *std::move(outcome);
}

/// "WHAT PATH: reason of errno", thrown.
[[noreturn]] void fail(const std::string& what, const std::string& path);

/// Replaces directory/name by `bytes` so that at every instant, power cuts included, a reader finds the old
/// file or the new one, whole.
void write_durably(const std::string& directory, std::string_view name, std::string_view bytes);

/// Makes a directory and its missing parents and syncs where each was entered.
void make_directories_durably(const std::string& directory);

void sync_directory(const std::string& directory);

}  // namespace ktstr::fs_store
