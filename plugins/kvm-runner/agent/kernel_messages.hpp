// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::agent {

/// How sched_ext let go of a scheduler, as the kernel log tells it.
struct Ejection {
  std::string reason;   ///< "runnable task stall", "scx_bpf_error", "unregistered from user space", …
  std::string message;  ///< what the kernel or the BPF program said about it; may be empty

  bool own_doing() const;  ///< the scheduler unregistered by itself
  std::string text() const;
};

/// The first ejection among kernel messages. The scheduler's name is the kernel's, whatever a manifest calls
/// it.
std::optional<Ejection> find_ejection(const std::vector<std::string>& messages);

/// True when the out-of-memory killer took this process.
bool killed_for_memory(const std::vector<std::string>& messages, long pid);

/// The last thing that sched_ext complained of; empty when it did not.
std::string last_complaint(const std::vector<std::string>& messages);

/// "6,339,5140900,-;text\n KEY=value" as /dev/kmsg has it -> "text".
std::string message_of_record(std::string_view record);

/// Kernel messages from a moment on.
class KernelMessages {
 public:
  KernelMessages() = default;
  ~KernelMessages();
  KernelMessages(const KernelMessages&) = delete;
  KernelMessages& operator=(const KernelMessages&) = delete;

  void begin();
  /// Everything since begin(), as far as it matters here (sched_ext and the out-of-memory killer).
  const std::vector<std::string>& poll();

 private:
  int fd_ = -1;
  std::vector<std::string> messages_;
};

/// The last `limit` bytes of the kernel log.
std::string kernel_log(std::size_t limit);

}  // namespace ktstr::agent
