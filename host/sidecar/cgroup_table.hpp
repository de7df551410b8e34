// SPDX-License-Identifier: Apache-2.0
//
// The cgroups of one scenario, each with its record in every run of both sides. Pure.
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "sidecar/sidecar.hpp"

namespace ktstr {

/// `before` and `after` are aligned with the runs of their sides; null where a run does not have the cgroup.
struct CgroupSeries {
  std::string name;    ///< safe to show; empty: stands for the whole run, as no cgroups are told apart
  bool named = false;  ///< by a sidecar; else by its place: "cgroup1"
  std::vector<const CgroupRecord*> before, after;

  const std::vector<const CgroupRecord*>& side(bool head) const { return head ? after : before; }
};

class CgroupTable {
 public:
  CgroupTable(const std::vector<const SidecarRecord*>& before,
              const std::vector<const SidecarRecord*>& after);
  CgroupTable(const CgroupTable&) = delete;
  CgroupTable& operator=(const CgroupTable&) = delete;

  const std::vector<CgroupSeries>& series() const { return series_; }

 private:
  void match(const std::vector<const SidecarRecord*>& runs, bool head);
  void stand_in(const std::vector<const SidecarRecord*>& runs, bool head);
  CgroupSeries& at(const std::string& name, bool named);

  std::size_t runs_[2];
  std::vector<std::string> names_;  ///< by place, of the first run that has names
  std::deque<CgroupRecord> stand_ins_;
  std::vector<CgroupSeries> series_;
};

}  // namespace ktstr
