// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "machine/guest_memory.hpp"
#include "machine/machine.hpp"
#include "machine/qemu_command.hpp"
#include "protocol/monitor_map.hpp"

namespace ktstr::kvm {

/// The mailbox of one guest, mapped from its memory. What the guest writes is not trusted.
class MailboxView {
 public:
  MailboxView(const GuestMemory& memory, const MailboxPlace& place);  ///< throws FileError
  ~MailboxView();
  MailboxView(const MailboxView&) = delete;
  MailboxView& operator=(const MailboxView&) = delete;

  /// Header that tells the agent to pause for a template.
  void write_template_header();
  /// Files, spec and a header that says `go`. Throws FileError when they do not fit. `stop_to_sample`: see
  /// monitor/sample_stops.hpp.
  void write_work(const GuestWork& work, bool stop_to_sample = false, std::uint32_t go = kGoRun);

  Stage stage() const;  ///< clamped to known stages
  std::uint64_t heartbeat() const;
  std::uint64_t beat_ns() const;      ///< guest's CLOCK_MONOTONIC at the last heartbeat of a scenario
  std::uint64_t scenario_ns() const;  ///< and at its start
  MonitorMap monitor_map() const;
  std::string last_words() const;
  /// The agent's result; false when its size is not possible.
  bool read_result(std::string& text) const;

 private:
  MailboxHeader* header() const { return reinterpret_cast<MailboxHeader*>(base_); }

  char* base_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t result_offset_ = 0,
                result_limit_ = 0;  ///< as we wrote them: the guest may have changed the header
};

}  // namespace ktstr::kvm
