// SPDX-License-Identifier: Apache-2.0
#include "plugin/isolated_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/child.hpp>
#include <ktstr/kit/text.hpp>

#include "plugin/call_watch.hpp"
#include "plugin/current_call.hpp"
#include "plugin/last_words.hpp"
#include "plugin/wire.hpp"

namespace ktstr {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMostAtOnce = 256 << 20;  // bytes of one frame: a plugin's memory is not ours
constexpr int kLook = 50;                         // ms between looks at the user's wish and the clock
constexpr auto kLastMoment = std::chrono::milliseconds(1000);  // for an end that was asked for

const std::string kAtFault = "the plugin is at fault; `ktstr plugin check` looks at it more closely";

}  // namespace

Result<std::unique_ptr<IsolatedProcess>> IsolatedProcess::start(const std::string& what,
                                                                const ktstr_host* host) {
  auto made = std::unique_ptr<IsolatedProcess>(new IsolatedProcess(what, host));
  if (const int error = made->spawn(); error != 0) {
    return environment_error("cannot start a process for the isolated " + what + ": " + std::strerror(error),
                             "see the limits on processes and files (ulimit -u, ulimit -n)");
  }
  return made;
}

int IsolatedProcess::spawn() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return errno;
  socket_ = kit::Fd(ends[0]);
  const kit::Fd theirs(ends[1]);
  words_ = kit::Fd(::memfd_create("ktstr-last-words", MFD_CLOEXEC));
  if (!words_.open()) return errno;
  const std::vector<std::string> words = {"/proc/self/exe", kIsolatedCommand, what_};
  const std::vector<char*> argv = kit::pointers_to(words);
  // What it hears and says is its standard input, its last words its standard output.
  const kit::NewProgram program{argv.data(), nullptr, nullptr, ::getpid(), theirs.get(), words_.get(), 2};
  process_ = ::fork();
  if (process_ == 0) {
    kit::become(program);
    end_at_once(127);
  }
  if (process_ < 0) return errno;
  ::setpgid(process_, process_);  // whoever is first
  pidfd_ = kit::Fd(static_cast<int>(::syscall(SYS_pidfd_open, process_, 0)));
  return pidfd_.open() ? 0 : errno;
}

IsolatedProcess::~IsolatedProcess() {
  if (process_ <= 0) return;
  socket_.reset();
  pollfd wait{pidfd_.get(), POLLIN, 0};
  if (!over_) ::poll(&wait, 1, static_cast<int>(kLastMoment.count()));
  end();
}

void IsolatedProcess::end() {
  if (process_ <= 0) return;
  ::kill(-process_, SIGKILL);
  kit::reap(process_, 0);
  process_ = -1;
}

void IsolatedProcess::speak_for(const std::string& what, const ktstr_host* host) {
  what_ = what;
  host_ = host;
}

bool IsolatedProcess::send_some(std::string_view& left) {
  const ssize_t n = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  left.remove_prefix(static_cast<std::size_t>(n));
  return true;
}

bool IsolatedProcess::receive_some() {
  std::array<char, 1 << 16> chunk;
  const ssize_t n = ::recv(socket_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  received_.append(chunk.data(), static_cast<std::size_t>(n));
  return n > 0;
}

void IsolatedProcess::hear(IsolatedReply kind, std::string_view bytes, const Written& written) const {
  WireIn in(bytes);
  if (kind == IsolatedReply::kLog) {
    const auto level = in.raw<std::int32_t>();
    host_->log(host_, level, in.str());
  } else if (kind == IsolatedReply::kNews) {
    tell_of_plugin(printable(in.text()));
  } else if (kind == IsolatedReply::kWritten && written) {
    written(bytes);
  }
}

std::optional<std::string> IsolatedProcess::take_answer(const Written& written) {
  std::size_t at = 0;
  std::optional<std::string> answer;
  FrameHead head;
  while (!answer && received_.size() - at >= sizeof head) {
    std::memcpy(&head, received_.data() + at, sizeof head);
    if (head.length > kMostAtOnce || received_.size() - at - sizeof head < head.length) break;
    const auto bytes = std::string_view(received_).substr(at + sizeof head, head.length);
    const auto kind = static_cast<IsolatedReply>(head.kind);
    if (kind == IsolatedReply::kAnswer) answer = std::string(bytes);
    hear(kind, bytes, written);
    at += sizeof head + head.length;
  }
  KTSTR_ASSERT(at <= received_.size());
  received_.erase(0, at);
  return answer;
}

bool IsolatedProcess::has_ended() const {
  pollfd wait{pidfd_.get(), POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

Result<std::string> IsolatedProcess::ask(IsolatedRequest request, const char* function,
                                         std::string_view bytes, const Written& written) {
  if (over_) return *over_;
  WireOut frame;
  frame.raw(FrameHead{static_cast<std::uint32_t>(request), 0, bytes.size()});
  const std::string message = frame.take() + std::string(bytes);
  std::string_view left = message;
  const auto patience = patience_with(function);
  const auto begun = Clock::now();
  for (;;) {
    std::array<pollfd, 2> wait{
        {{socket_.get(), static_cast<short>(left.empty() ? POLLIN : POLLIN | POLLOUT), 0},
         {pidfd_.get(), POLLIN, 0}}};
    ::poll(wait.data(), wait.size(), kLook);
    const bool ended = wait[1].revents != 0;  // looked at before what it said last
    const bool open = (left.empty() || send_some(left) || ended) && receive_some();
    if (auto answer = take_answer(written)) return std::move(*answer);
    if (received_.size() > kMostAtOnce) return give_up(function, "it answers without an end");
    if (!open || (ended && wait[0].revents == 0)) return gone(function);
    if (!told_to_stop_ && host_->cancelled(host_) != 0) {
      told_to_stop_ = true;
      ::kill(process_, SIGINT);
    }
    if (patience.count() > 0 && Clock::now() - begun >= patience) {
      return give_up(function, "for " + std::to_string(patience.count()) +
                                   " s: it hangs; KTSTR_PLUGIN_DEADLINE=SECONDS allows more");
    }
  }
}

Error IsolatedProcess::give_up(const char* function, const std::string& why) {
  end();
  over_ = plugin_error("gave up waiting for " + what_ + ", call " + function + ", " + why, kAtFault);
  return *over_;
}

Error IsolatedProcess::gone(const char* function) {
  pollfd wait{pidfd_.get(), POLLIN, 0};
  const bool by_itself = ::poll(&wait, 1, static_cast<int>(kLastMoment.count())) > 0;
  ::kill(-process_, SIGKILL);
  const kit::Reaped reaped = kit::reap(process_, 0);
  process_ = -1;
  const std::string words = last_words(words_.get());
  std::string message = words;
  if (words.empty()) message = "the process of " + what_ + " ended";
  if (!by_itself && words.empty()) message = "the process of " + what_ + " closed its connection";
  if (by_itself && reaped.signal != 0) message += " (" + signal_name(reaped.signal) + ")";
  if (by_itself && words.empty() && reaped.signal == 0)
    message += " with status " + std::to_string(reaped.status);
  if (words.empty()) message += " in its call " + std::string(function);
  over_ = plugin_error(std::move(message), kAtFault);
  return *over_;
}

}  // namespace ktstr
