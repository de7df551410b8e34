// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel_messages.hpp"

#include <fcntl.h>
#include <sys/klog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace ktstr::agent {
namespace {

constexpr std::string_view kScheduler = "BPF scheduler \"", kDisabled = "\" disabled (",
                           kSchedExt = "sched_ext: ";
constexpr std::size_t kMostMessages = 200;

}  // namespace

bool Ejection::own_doing() const { return reason.find("unregistered from user space") != std::string::npos; }

std::string Ejection::text() const { return message.empty() ? reason : reason + ": " + message; }

std::optional<Ejection> find_ejection(const std::vector<std::string>& messages) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string& line = messages[i];
    const std::size_t name = line.find(kScheduler), end = line.rfind(kDisabled);
    if (name == std::string::npos || end == std::string::npos || end < name + kScheduler.size()) continue;
    const std::string scheduler = line.substr(name + kScheduler.size(), end - name - kScheduler.size());
    const std::size_t begin = end + kDisabled.size(), close = line.rfind(')');
    Ejection ejection;
    ejection.reason =
        line.substr(begin, close == std::string::npos || close < begin ? std::string::npos : close - begin);
    const std::string prefix = std::string(kSchedExt) + scheduler + ": ";
    for (std::size_t next = i + 1; next < messages.size() && ejection.message.empty(); ++next) {
      if (messages[next].starts_with(prefix)) ejection.message = messages[next].substr(prefix.size());
    }
    return ejection;
  }
  return std::nullopt;
}

bool killed_for_memory(const std::vector<std::string>& messages, long pid) {
  const std::string victim = "Killed process " + std::to_string(pid) + " ";
  return std::any_of(messages.begin(), messages.end(),
                     [&](const std::string& line) { return line.find(victim) != std::string::npos; });
}

std::string last_complaint(const std::vector<std::string>& messages) {
  for (auto line = messages.rbegin(); line != messages.rend(); ++line) {
    const bool good_news = line->find("\" enabled") != std::string::npos;
    if (line->starts_with(kSchedExt) && !good_news) return line->substr(kSchedExt.size());
  }
  return {};
}

std::string message_of_record(std::string_view record) {
  const std::size_t text = record.find(';');
  if (text == std::string_view::npos) return {};
  record.remove_prefix(text + 1);
  return std::string(record.substr(0, record.find('\n')));
}

KernelMessages::~KernelMessages() {
  if (fd_ >= 0) ::close(fd_);
}

void KernelMessages::begin() {
  if (fd_ >= 0) ::close(fd_);
  messages_.clear();
  fd_ = ::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd_ >= 0) ::lseek(fd_, 0, SEEK_END);
}

const std::vector<std::string>& KernelMessages::poll() {
  char record[8192];
  for (int i = 0; fd_ >= 0 && i < 20'000; ++i) {
    const ssize_t n = ::read(fd_, record, sizeof record);
    if (n < 0 && (errno == EPIPE || errno == EINTR))
      continue;  // older ones are gone: go on with what is there
    if (n <= 0) break;
    std::string message = message_of_record({record, static_cast<std::size_t>(n)});
    const bool matters =
        message.starts_with(kSchedExt) || message.find("Killed process ") != std::string::npos;
    if (matters && messages_.size() < kMostMessages) messages_.push_back(std::move(message));
  }
  return messages_;
}

std::string kernel_log(std::size_t limit) {
  std::vector<char> buffer(256 << 10);
  const int n = ::klogctl(3 /* SYSLOG_ACTION_READ_ALL */, buffer.data(), static_cast<int>(buffer.size()));
  if (n <= 0) return {};
  const std::size_t size = static_cast<std::size_t>(n), keep = std::min(size, limit);
  return std::string(buffer.data() + size - keep, keep);
}

}  // namespace ktstr::agent
