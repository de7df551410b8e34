// SPDX-License-Identifier: Apache-2.0
//
// What tells sidecars apart without their measurements: what `stats list`, `stats list-values` and the search
// for a commit's runs need of every file of a pool. Reading only this is several times faster than reading
// the whole record.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "support/result.hpp"

namespace ktstr {

/// Every member but `kernel` is filled by a row of field_table.cpp.
struct SidecarHead {
  std::string test, topology, scheduler, work_type;
  std::string kernel_version, kernel_label;
  std::string project_commit, kernel_commit;                ///< 7 hex, maybe with -dirty; empty when null
  std::string run_source, resolve_source, timestamp, arch;  ///< empty when null
  std::optional<std::uint64_t> block;                       ///< of a perf-delta run
  std::optional<std::int64_t> cpu_budget;
  std::string kernel;  ///< what pairs: the version, and the label where it has one: "6.18.12-mine"

  bool operator==(const SidecarHead&) const = default;
};

/// "6.18.12", or "6.18.12-mine" where kernels of one version are told apart.
std::string kernel_id(const std::string& version, const std::string& label);

/// Reads heads with simdjson. What that does not take as it is goes to `read_sidecar`, which alone decides
/// what is wrong and says so; tests hold the two against each other. One object per thread.
class SidecarHeadReader {
 public:
  SidecarHeadReader();
  ~SidecarHeadReader();
  /// What a text's capacity should exceed its size by; else it is copied.
  static constexpr std::size_t kRoom = 64;
  /// `file` names it in messages.
  Result<SidecarHead> read(std::string& text, const std::function<std::string()>& file);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace ktstr
