// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "agent/work/functions.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

constexpr std::size_t kPorts = 0;  // words of the group: each member's UDP port, once it is there
constexpr std::uint64_t kPatience = 50 * kMillisecond;

/// What each message begins with.
struct Header {
  std::uint64_t burst = 0;
  std::uint32_t number = 0, of = 0;
};

sockaddr_in loopback(std::uint32_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A member's socket, connected to the partner's.
class Datagrams {
 public:
  explicit Datagrams(WorkContext& c) : c_(c), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    const timeval patience{0, static_cast<suseconds_t>(kPatience / kMicrosecond)};
    constexpr int kRoom = 1 << 20;  // as much of it as the kernel gives
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kRoom, sizeof kRoom);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    c.group.words[kPorts + c.index_in_group] = ntohs(address.sin_port);
    futex_wake(c.group.words[kPorts + c.index_in_group], 1);
    std::atomic<std::uint32_t>& partner = c.group.words[kPorts + 1 - c.index_in_group];
    while (partner == 0 && !c.stopped()) {
      futex_wait(partner, 0);
      c.telemetry.woke();
    }
    address = loopback(partner);
    ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  ~Datagrams() {
    if (socket_ >= 0) ::close(socket_);
  }
  Datagrams(const Datagrams&) = delete;
  Datagrams& operator=(const Datagrams&) = delete;

  bool send(const Header& header, std::size_t bytes) {
    std::memcpy(message_.data(), &header, sizeof header);
    const std::uint64_t now = now_ns();
    c_.group.woken_at_ns = now;
    c_.group.stamps[1 - c_.index_in_group] = now;
    return ::send(socket_, message_.data(), bytes, 0) == static_cast<ssize_t>(bytes);
  }
  /// The next message. What it had to wait for is a latency: since the partner sent its latest.
  bool receive(Header& header) {
    ssize_t got = ::recv(socket_, message_.data(), message_.size(), MSG_DONTWAIT);
    if (got < 0) {
      c_.telemetry.checkpoint();
      got = ::recv(socket_, message_.data(), message_.size(), 0);
      if (got >= 0) c_.telemetry.latency(time_since(c_.group.stamps[c_.index_in_group]));
      c_.telemetry.woke();
    }
    if (got < static_cast<ssize_t>(sizeof header)) return false;
    std::memcpy(&header, message_.data(), sizeof header);
    return true;
  }

 private:
  WorkContext& c_;
  int socket_;
  std::array<unsigned char, 8192> message_{};
};

/// Waits for the answer to this burst; false when it does not come.
bool await_answer(WorkContext& c, Datagrams& datagrams, std::uint64_t burst) {
  for (const std::uint64_t end = now_ns() + kPatience; !c.stopped();) {
    Header header;
    if (datagrams.receive(header) && header.burst == burst) return true;
    if (now_ns() >= end) return false;
  }
  return true;  // nothing is lost when it ends
}

}  // namespace

void net_traffic(WorkContext& c) {
  const std::uint64_t bytes = c.work.count("bytes"), units = c.work.count("units");
  const std::uint32_t messages = static_cast<std::uint32_t>(c.work.count("burst"));
  Datagrams datagrams(c);
  if (c.index_in_group == 0) {
    for (std::uint64_t burst = 1; !c.stopped(); ++burst) {
      spin(c, units);
      for (std::uint32_t number = 1; number <= messages; ++number)
        c.telemetry.count(datagrams.send({burst, number, messages}, bytes) ? 0 : 1);
      if (!await_answer(c, datagrams, burst)) c.telemetry.count(1);
      c.telemetry.add_iteration();
    }
    return;
  }
  while (!c.stopped()) {
    Header header;
    if (!datagrams.receive(header)) continue;
    spin(c, units);
    if (header.number != header.of) continue;
    if (datagrams.send(header, sizeof header)) c.telemetry.count(0);
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
