// SPDX-License-Identifier: Apache-2.0
//
// What the store remembers of a run beside its files: what the results in it follow from, and which
// invocations have begun to write it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::fs_store {

struct RunMarks {
  std::string inputs;                 ///< empty: not known
  std::vector<std::string> sessions;  ///< oldest first

  bool knows(const std::string& session) const;
  /// The newest 64 are kept.
  void add(const std::string& session);
};

/// Throws when a file that is there cannot be read. A missing or damaged one knows nothing: what lies in the
/// run then counts as having come from elsewhere.
RunMarks read_marks(const std::string& path);
void write_marks(const std::string& directory, const std::string& name, const RunMarks& marks);

}  // namespace ktstr::fs_store
