// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <ktstr/kit/json.hpp>
#include <string>
#include <vector>

#include "machine/files.hpp"

namespace ktstr::kvm {

/// A connection to QEMU's monitor. Every call has a deadline; failures are thrown as FileError.
class Qmp {
 public:
  using Clock = std::chrono::steady_clock;

  /// Waits for the socket to appear. In this and every later wait `alive` is asked now and then, and ends it
  /// when it returns false.
  Qmp(const std::filesystem::path& socket, Clock::time_point deadline, std::function<bool()> alive);

  /// Does not wait for the answer.
  void send(std::string_view command, json::object arguments = {});
  json::value call(std::string_view command, json::object arguments, Clock::time_point deadline);
  /// A command of the human monitor; it answers with text only when something is wrong.
  void human(std::string_view command_line, Clock::time_point deadline);
  /// One that answers with text; whatever it says.
  std::string ask_human(std::string_view command_line, Clock::time_point deadline);
  /// Waits for an event without sending anything; false when `alive` said no before it came. Throws when the
  /// deadline passes.
  bool wait_for_event(std::string_view name, Clock::time_point deadline);

 private:
  json::object read_message(Clock::time_point deadline);
  void keep_event(const json::object& message);
  bool readable(Clock::time_point until);

  std::function<bool()> alive_;
  kit::Fd socket_;
  std::string buffer_;
  std::vector<std::string> events_;  ///< names of events that came while an answer was awaited
};

}  // namespace ktstr::kvm
