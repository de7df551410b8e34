// SPDX-License-Identifier: Apache-2.0
#include "machine/qmp.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/text.hpp>
#include <thread>

namespace ktstr::kvm {
namespace {

constexpr std::size_t kMaxMessage = 4 << 20;
constexpr std::size_t kMostEvents = 1000;        ///< kept until somebody waits for them
constexpr std::chrono::milliseconds kSlice{50};  ///< of a wait, after which `alive` is asked

int milliseconds_left(Qmp::Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Qmp::Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
}

json::object message_of(std::string_view line) {
  try {
    json::value value = kit::read_json(line, "QEMU's monitor", {.max_bytes = kMaxMessage});
    if (value.is_object()) return std::move(value.get_object());
  } catch (const Mistake&) {
  }
  throw FileError("QEMU's monitor sent something that is not a message");
}

}  // namespace

Qmp::Qmp(const std::filesystem::path& socket, Clock::time_point deadline, std::function<bool()> alive)
    : alive_(std::move(alive)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket.string();
  if (path.size() >= sizeof address.sun_path)
    throw FileError("the path " + path + " is too long for a socket; choose a shorter scratch directory");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  for (;;) {
    socket_ = kit::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) break;
    if (!alive_()) throw FileError("QEMU ended before its monitor answered");
    if (Clock::now() >= deadline) throw FileError("QEMU's monitor did not answer in time");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  read_message(deadline);  // the greeting
  call("qmp_capabilities", {}, deadline);
}

bool Qmp::readable(Clock::time_point until) {
  pollfd entry{socket_.get(), POLLIN, 0};
  return ::poll(&entry, 1, milliseconds_left(until)) > 0;
}

json::object Qmp::read_message(Clock::time_point deadline) {
  for (;;) {
    if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
      const std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return message_of(line);
    }
    if (buffer_.size() > kMaxMessage) throw FileError("QEMU's monitor sent a message without end");
    if (!readable(std::min(deadline, Clock::now() + kSlice))) {
      if (Clock::now() >= deadline) throw FileError("QEMU's monitor did not answer in time");
      if (!alive_()) throw FileError("QEMU ended before its monitor answered");
      continue;
    }
    char chunk[4096];
    const ssize_t n = ::recv(socket_.get(), chunk, sizeof chunk, 0);
    if (n <= 0) throw FileError("QEMU closed its monitor");
    buffer_.append(chunk, static_cast<std::size_t>(n));
  }
}

void Qmp::send(std::string_view command, json::object arguments) {
  json::object message{{"execute", command}};
  if (!arguments.empty()) message["arguments"] = std::move(arguments);
  std::string text = to_text(message, 0) + "\n";
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t n = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw FileError("QEMU closed its monitor");
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

json::value Qmp::call(std::string_view command, json::object arguments, Clock::time_point deadline) {
  send(command, std::move(arguments));
  for (;;) {
    json::object answer = read_message(deadline);
    if (const auto* value = answer.if_contains("return")) return *value;
    if (const auto* error = answer.if_contains("error")) {
      throw FileError("QEMU refused " + std::string(command) + ": " + to_text(*error, 0));
    }
    keep_event(answer);
  }
}

void Qmp::keep_event(const json::object& message) {
  const auto* event = message.if_contains("event");
  if (event != nullptr && event->is_string() && events_.size() < kMostEvents)
    events_.emplace_back(event->get_string());
}

std::string Qmp::ask_human(std::string_view command_line, Clock::time_point deadline) {
  const json::value answer = call("human-monitor-command", {{"command-line", command_line}}, deadline);
  const auto* text = answer.if_string();
  return text != nullptr ? std::string(*text) : std::string();
}

void Qmp::human(std::string_view command_line, Clock::time_point deadline) {
  if (const std::string text = ask_human(command_line, deadline); !text.empty()) {
    throw FileError("QEMU could not do \"" + std::string(command_line) + "\": " + printable_start(text, 300));
  }
}

bool Qmp::wait_for_event(std::string_view name, Clock::time_point deadline) {
  for (;;) {
    if (std::erase(events_, std::string(name)) > 0) return true;
    if (!alive_()) return false;
    if (Clock::now() >= deadline)
      throw FileError("no " + std::string(name) + " event came from QEMU in time");
    if (buffer_.find('\n') == std::string::npos && !readable(std::min(deadline, Clock::now() + kSlice)))
      continue;
    keep_event(read_message(deadline));
  }
}

}  // namespace ktstr::kvm
