// SPDX-License-Identifier: Apache-2.0
//
// The terminal of this process and a guest's, joined.
#pragma once
#include <termios.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace ktstr::kvm {

struct Screen {
  std::string kind = "vt100";
  unsigned rows = 24, columns = 80;
};
/// Of the terminal behind a descriptor; the usual when it is none.
Screen screen_of(int descriptor);

/// A line for the person at the terminal, on descriptor 2.
void say(const std::string& line);

/// What of typed bytes goes on: Ctrl-A x ends, Ctrl-A Ctrl-A is one Ctrl-A, before anything else it is
/// itself.
class TypedKeys {
 public:
  /// Appends to `out`; false once it is to end.
  bool type(std::string_view bytes, std::string& out);

 private:
  bool prefix_ = false;
};

/// Carries bytes between the terminal (descriptors 0 and 1) and the socket of a guest's serial port until the
/// object goes. The terminal is raw meanwhile. `ended` becomes true when the person ends it, or `cancel` is.
class TerminalRelay {
 public:
  TerminalRelay(std::filesystem::path socket, const std::atomic<bool>& cancel, std::atomic<bool>& ended);
  ~TerminalRelay();
  TerminalRelay(const TerminalRelay&) = delete;
  TerminalRelay& operator=(const TerminalRelay&) = delete;

 private:
  void carry(const std::stop_token& stop);
  int join_guest(const std::stop_token& stop) const;

  std::filesystem::path socket_;
  const std::atomic<bool>& cancel_;
  std::atomic<bool>& ended_;
  std::optional<termios> before_;
  std::jthread thread_;  // last: stops before the rest goes
};

}  // namespace ktstr::kvm
