// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <string_view>

namespace ktstr {

/// Printable ASCII without spaces.
inline bool is_commit_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// May be part of a run directory's name. "-dirty" is what the host puts behind it.
inline bool is_commit_label(std::string_view label) {
  return !label.empty() && label.front() != '.' && label.front() != '-' && !label.ends_with("-dirty") &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '_' || c == '-' || c == '+';
         });
}

}  // namespace ktstr
