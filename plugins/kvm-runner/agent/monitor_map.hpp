// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "agent/guest.hpp"
#include "protocol/monitor_map.hpp"

namespace ktstr::agent {

/// Tells the runner where this kernel keeps its run queues.
void write_monitor_map(const Mailbox& mailbox);

/// Where "Kernel code" begins, from the text of /proc/iomem; 0 when it does not say.
std::uint64_t kernel_code_start(std::string_view iomem);

/// Offsets of all fields by a kernel's type information.
void take_fields(std::string_view btf, kvm::MonitorMap& map);

/// Where the runner asked for it, stops the machine at this very instruction until it has taken a sample.
class SampleStop {
 public:
  explicit SampleStop(const Mailbox& mailbox);  ///< before the kernel is locked down
  void stop();

 private:
  bool open_ = false;
  unsigned short turn_ = 0;
};

}  // namespace ktstr::agent
