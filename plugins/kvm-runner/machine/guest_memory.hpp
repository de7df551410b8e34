// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <ktstr/kit/assert.hpp>
#include <vector>

#include "machine/files.hpp"
#include "machine/host_plan.hpp"

namespace ktstr::kvm {

/// The memory of one guest: an anonymous file (memfd) for each NUMA node. No file system holds it, so no size
/// of /dev/shm limits it, no access to it ends in SIGBUS for want of space, and nothing of it is left behind
/// however its users end.
class GuestMemory {
 public:
  /// Throws FileError. Of the plan its memory is taken, which stays true of pages that come later.
  explicit GuestMemory(const std::vector<std::uint64_t>& node_bytes, const HostPlan& plan = {});

  std::size_t nodes() const { return files_.size(); }
  const std::vector<std::uint64_t>& node_bytes() const { return node_bytes_; }
  OpenFile node(std::size_t index) const {
    KTSTR_ASSERT(index < files_.size());
    return {files_[index].get(), "guest memory"};
  }
  /// By which a child that inherits `descriptors` can open a node.
  std::filesystem::path path(std::size_t index) const;
  std::vector<int> descriptors() const;
  void clear();  ///< all zeros again
  /// Others were quicker and took the huge pages that it was to have: it has small ones.
  bool short_of_huge_pages() const { return short_of_huge_pages_; }

 private:
  std::vector<std::uint64_t> node_bytes_;
  std::vector<kit::Fd> files_;
  bool short_of_huge_pages_ = false;
};

}  // namespace ktstr::kvm
