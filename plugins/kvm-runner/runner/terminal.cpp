// SPDX-License-Identifier: Apache-2.0
#include "runner/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ktstr/kit/fd.hpp>
#include <utility>

namespace ktstr::kvm {
namespace {

constexpr char kPrefix = 1;  // Ctrl-A

/// False when the other side is gone.
bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// What can be read now: nothing when that is nothing, an empty text at the end.
std::optional<std::string> read_some(int descriptor) {
  char bytes[4096];
  const ssize_t n = ::read(descriptor, bytes, sizeof bytes);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return std::nullopt;
  return std::string(bytes, n < 0 ? 0 : static_cast<std::size_t>(n));
}

}  // namespace

Screen screen_of(int descriptor) {
  Screen screen;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
    screen.rows = size.ws_row;
    screen.columns = size.ws_col;
  }
  return screen;
}

void say(const std::string& line) { write_all(2, "ktstr: " + line + "\n"); }

bool TypedKeys::type(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    if (!prefix_ && c == kPrefix) {
      prefix_ = true;
      continue;
    }
    if (prefix_ && (c == 'x' || c == 'X')) return false;
    if (prefix_ && c != kPrefix) out += kPrefix;
    prefix_ = false;
    out += c;
  }
  return true;
}

TerminalRelay::TerminalRelay(std::filesystem::path socket, const std::atomic<bool>& cancel,
                             std::atomic<bool>& ended)
    : socket_(std::move(socket)), cancel_(cancel), ended_(ended) {
  termios now{};
  if (::tcgetattr(0, &now) == 0) {
    before_ = now;
    ::cfmakeraw(&now);
    ::tcsetattr(0, TCSADRAIN, &now);
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { carry(stop); });
}

TerminalRelay::~TerminalRelay() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  if (before_) ::tcsetattr(0, TCSADRAIN, &*before_);
}

/// QEMU makes the socket a moment after its start.
int TerminalRelay::join_guest(const std::stop_token& stop) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_.c_str(), sizeof address.sun_path - 1);
  while (!stop.stop_requested() && !cancel_) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    ::poll(nullptr, 0, 20);
  }
  return -1;
}

void TerminalRelay::carry(const std::stop_token& stop) {
  const kit::Fd guest(join_guest(stop));
  TypedKeys keys;
  bool typing = true, listening = false;  // a port that nobody has opened yet would lose what is typed
  std::string out;
  while (guest.open() && !cancel_ && !ended_) {
    pollfd sides[2] = {{guest.get(), POLLIN, 0}, {typing ? 0 : -1, POLLIN, 0}};
    const int ready = ::poll(sides, 2, 50);
    if (ready <= 0 && stop.stop_requested()) return;  // all that it printed has been shown
    if (sides[0].revents != 0) {
      const auto printed = read_some(guest.get());
      if (printed && (printed->empty() || !write_all(1, *printed))) return;
      listening = true;
    }
    if (sides[1].revents != 0) {
      const auto typed = read_some(0);
      typing = !typed || !typed->empty();
      if (typed && !keys.type(*typed, out)) ended_ = true;
    }
    if (listening && !write_all(guest.get(), std::exchange(out, {}))) return;
  }
  if (cancel_) ended_ = true;
}

}  // namespace ktstr::kvm
