// SPDX-License-Identifier: Apache-2.0
#include "agent/scheduler_readings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "framework/temp_tree.hpp"

namespace ktstr::agent {
namespace {

using ::testing::HasSubstr;

/// Answers one line with the parts, one write for each, and says what it was asked.
class Server {
 public:
  Server(std::string path, std::vector<std::string> parts) : path_(std::move(path)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    fd_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd_, 1), 0);
    thread_ = std::thread([this, parts = std::move(parts)] {
      const int asker = ::accept(fd_, nullptr, nullptr);
      char text[100];
      const ssize_t got = ::read(asker, text, sizeof text);
      asked_.assign(text, static_cast<std::size_t>(got < 0 ? 0 : got));
      for (const std::string& part : parts) {
        EXPECT_EQ(::send(asker, part.data(), part.size(), MSG_NOSIGNAL), static_cast<ssize_t>(part.size()));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      ::shutdown(asker, SHUT_WR);
      ::close(asker);
    });
  }
  ~Server() {
    thread_.join();
    ::close(fd_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  const std::string& asked() {
    if (thread_.joinable()) thread_.join(), thread_ = std::thread([] {});
    return asked_;
  }

 private:
  std::string path_, asked_;
  int fd_ = -1;
  std::thread thread_;
};

class SchedulerSocket : public ::testing::Test {
 protected:
  std::string ask(int patience_ms = 2000) {
    return ask_socket(
        path(), "stats", patience_ms, [] {}, problem_);
  }
  std::string path() const { return (directory_.path() / "s").string(); }

  testing::TempTree directory_;
  std::string problem_;
};

TEST_F(SchedulerSocket, ItsLineIsPutTogether) {
  Server server(path(), {"{\"a\":", " 1}\nmore"});
  EXPECT_EQ(ask(), "{\"a\": 1}") << problem_;
  EXPECT_EQ(server.asked(), "stats\n");
}

TEST_F(SchedulerSocket, WithoutALineItsEndIsWaitedFor) {
  Server server(path(), {"{}"});
  EXPECT_EQ(ask(), "{}") << problem_;
}

TEST_F(SchedulerSocket, WhoSaysNothingIsTold) {
  Server server(path(), {});
  EXPECT_EQ(ask(), "");
  EXPECT_THAT(problem_, HasSubstr("answered nothing"));
}

TEST_F(SchedulerSocket, WhoIsNotThereIsTold) {
  EXPECT_EQ(ask(), "");
  EXPECT_THAT(problem_, HasSubstr("/s: No such file or directory"));
}

}  // namespace
}  // namespace ktstr::agent
