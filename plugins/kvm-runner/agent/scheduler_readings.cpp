// SPDX-License-Identifier: Apache-2.0
#include "agent/scheduler_readings.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "agent/bpf_maps.hpp"
#include "agent/telemetry.hpp"

namespace ktstr::agent {
namespace {

constexpr std::size_t kLongestAnswer = 64U << 10U;
constexpr int kPatienceMs = 2000, kLookMs = 50;

int connect_to(const std::string& path, std::string& problem) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    problem = "the path of the socket " + path + " is too long";
    return -1;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  problem = "the socket " + path + ": " + std::strerror(errno);
  if (fd >= 0) ::close(fd);
  return -1;
}

/// Reads on; true when the answer is whole.
bool more_of(int fd, std::string& answer) {
  char part[4096];
  const ssize_t got = ::read(fd, part, sizeof part);
  if (got > 0) answer.append(part, static_cast<std::size_t>(got));
  const std::size_t end = answer.find('\n');
  if (end != std::string::npos) answer.resize(end);
  return got == 0 || end != std::string::npos || answer.size() > kLongestAnswer;
}

std::optional<std::int64_t> number_at(const ReadingSpec& reading, std::string& problem) {
  if (!reading.variable.empty()) return read_bpf_variable(reading.variable, problem);
  return read_bpf_entry(reading.map, reading.key, problem);
}

}  // namespace

std::string ask_socket(const std::string& path, const std::string& request, int patience_ms,
                       const std::function<void()>& tick, std::string& problem) {
  const int fd = connect_to(path, problem);
  if (fd < 0) return {};
  const std::string line = request + '\n';
  std::string answer;
  bool whole = ::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size());
  for (const std::uint64_t end = now_ns() + static_cast<std::uint64_t>(patience_ms) * kMillisecond;
       !whole && now_ns() < end;) {
    pollfd look{fd, POLLIN, 0};
    if (::poll(&look, 1, std::min(kLookMs, patience_ms)) > 0) whole = more_of(fd, answer);
    tick();
  }
  ::close(fd);
  if (answer.size() > kLongestAnswer) {
    problem = "the socket " + path + " answered more than " + std::to_string(kLongestAnswer) + " bytes";
  } else if (!whole || answer.empty()) {
    problem = "the socket " + path + (whole ? " answered nothing" : " did not answer within ") +
              (whole ? std::string() : std::to_string(patience_ms) + " ms");
  }
  return problem.empty() ? answer : std::string();
}

std::vector<kvm::SchedulerReading> read_scheduler(const SchedulerSpec& scheduler,
                                                  const std::function<void()>& tick) {
  std::vector<kvm::SchedulerReading> readings;
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> asked;
  for (const ReadingSpec& wanted : scheduler.readings) {
    kvm::SchedulerReading& reading = readings.emplace_back();
    reading.name = wanted.name;
    if (wanted.socket.empty()) {
      reading.number = number_at(wanted, reading.problem);
      continue;
    }
    // Metrics that look for several numbers in one answer get them of the same moment.
    const auto [known, first] = asked.try_emplace({wanted.socket, wanted.request});
    auto& [answer, problem] = known->second;
    if (first) answer = ask_socket(wanted.socket, wanted.request, kPatienceMs, tick, problem);
    reading.answer = answer;
    reading.problem = problem;
  }
  return readings;
}

}  // namespace ktstr::agent
