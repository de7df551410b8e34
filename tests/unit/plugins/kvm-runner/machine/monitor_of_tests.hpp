// SPDX-License-Identifier: Apache-2.0
//
// QEMU's side of a dialogue, as QEMU 10 was recorded to lead it.
#pragma once
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "machine/files.hpp"

namespace ktstr::kvm {

inline const char* const kGreeting =
    R"({"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 10}, "package": "Debian"}, "capabilities": ["oob"]}})"
    "\r\n";
inline const char* const kDone = "{\"return\": {}}\r\n";
inline const char* const kStop = R"({"timestamp": {"seconds": 1, "microseconds": 2}, "event": "STOP"})"
                                 "\r\n";

/// Says `answers` in turn: the first at once, each other one when a line has come. Then closes, when told to.
class Monitor {
 public:
  Monitor(const std::filesystem::path& socket, std::vector<std::string> answers, bool close_at_end = false)
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    thread_ = std::thread([this, answers = std::move(answers), close_at_end] {
      kit::Fd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      for (std::size_t i = 0; i < answers.size(); ++i) {
        if (i > 0 && !read_line(peer.get())) return;
        if (::send(peer.get(), answers[i].data(), answers[i].size(), MSG_NOSIGNAL) < 0) return;
      }
      if (close_at_end) peer.reset();
      while (peer.open() && read_line(peer.get())) continue;
    });
  }
  ~Monitor() { end(); }
  /// The lines that came, once nobody is there any more.
  const std::vector<std::string>& asked() {
    end();
    return asked_;
  }

 private:
  void end() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }
  bool read_line(int fd) {
    std::string line;
    for (char c = 0; ::read(fd, &c, 1) == 1;) {
      if (c == '\n') {
        asked_.push_back(line);
        return true;
      }
      line += c;
    }
    return false;
  }
  kit::Fd listener_;
  std::vector<std::string> asked_;
  std::thread thread_;
};

}  // namespace ktstr::kvm
