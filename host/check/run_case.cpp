// SPDX-License-Identifier: Apache-2.0
#include "check/run_case.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "plugin/last_words.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kMostTold = 2000;  // below PIPE_BUF: written in one piece

CaseEnd run_here(const CheckCase& one, const CheckSubject& subject, const ManifestRow* row,
                 const std::filesystem::path& scratch, CallMark& mark) {
  try {
    Bench bench(subject, row, scratch, mark);
    one.run(bench);
    return {};
  } catch (const CaseEnd& end) {
    return end;
  } catch (const std::exception& failure) {
    return {CaseState::kSkipped, std::string("the check itself failed: ") + failure.what()};
  }
}

void use_descriptors(int output) {
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nothing, 0);
  ::dup2(output, 1);
  ::dup2(output, 2);
  if (nothing > 2) ::close(nothing);
}

}  // namespace

Result<RunningCase> RunningCase::start(const CheckCase& one, const CheckSubject& subject,
                                       const ManifestRow* row, std::chrono::milliseconds deadline) {
  auto scratch = kit::ScratchDirectory::make(std::filesystem::temp_directory_path(), "ktstr-check-");
  if (!scratch) return to_error(scratch.error());
  void* shared = ::mmap(nullptr, sizeof(CallMark), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int ends[2];
  const int output = ::memfd_create("ktstr-check", MFD_CLOEXEC);
  if (shared == MAP_FAILED || output < 0 || ::pipe2(ends, O_CLOEXEC) != 0)
    return environment_error(std::string("a case cannot be started: ") + std::strerror(errno));
  RunningCase running(std::move(*scratch), static_cast<CallMark*>(shared));
  running.output_ = kit::Fd(output);
  running.result_ = kit::Fd(ends[0]);
  kit::Fd told(ends[1]);
  running.deadline_ = deadline;
  running.end_ = std::chrono::steady_clock::now() + deadline;
  running.process_ = ::fork();
  if (running.process_ < 0)
    return environment_error(std::string("a case cannot be started: ") + std::strerror(errno));
  if (running.process_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::prctl(PR_SET_DUMPABLE, 0);  // no core files
    adopt_process();
    use_descriptors(output);
    if (::chdir(running.scratch_.path().c_str()) != 0) end_at_once(static_cast<int>(ExitCode::kEnvironment));
    CaseEnd end = run_here(one, subject, row, running.scratch_.path(), *running.mark_);
    std::string line = std::to_string(static_cast<int>(end.state)) + end.text.substr(0, kMostTold);
    end_at_once(::write(told.get(), line.data(), line.size()) < 0 ? 1 : 0);
  }
  ::setpgid(running.process_, running.process_);
  running.pidfd_ = kit::Fd(static_cast<int>(::syscall(SYS_pidfd_open, running.process_, 0)));
  return running;
}

RunningCase::RunningCase(RunningCase&& other) noexcept
    : scratch_(std::move(other.scratch_)),
      mark_(std::exchange(other.mark_, nullptr)),
      process_(std::exchange(other.process_, -1)),
      result_(std::move(other.result_)),
      output_(std::move(other.output_)),
      pidfd_(std::move(other.pidfd_)),
      end_(other.end_),
      deadline_(other.deadline_) {}

RunningCase::~RunningCase() {
  if (process_ > 0) {
    kill_group();
    ::waitpid(process_, nullptr, 0);
  }
  if (mark_ != nullptr) ::munmap(mark_, sizeof *mark_);
}

void RunningCase::kill_group() { ::kill(-process_, SIGKILL); }

CaseEnd RunningCase::finish() {
  KTSTR_ASSERT(process_ > 0);  // once
  bool ended = false;
  while (!ended) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    pollfd wait{pidfd_.get(), POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(left.count()) + 1);
    if (ready > 0) ended = true;
    if (ready < 0 && errno != EINTR) break;
  }
  const std::string call = called();
  kill_group();
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  if (!ended) {
    return {CaseState::kFailed, "no end after " + std::to_string(deadline_.count() / 1000.0).substr(0, 4) +
                                    " s" + (call.empty() ? "" : ", in its call " + call)};
  }
  char text[kMostTold + 1];
  const int flags = ::fcntl(result_.get(), F_GETFL);
  ::fcntl(result_.get(), F_SETFL, flags | O_NONBLOCK);
  const ssize_t length = ::read(result_.get(), text, sizeof text);
  return end_of(status, std::string(text, length > 0 ? static_cast<std::size_t>(length) : 0));
}

/// What it was called for last. It lies in memory that the plugin could write to.
std::string RunningCase::called() const {
  return printable({mark_->call, ::strnlen(mark_->call, sizeof mark_->call)});
}

CaseEnd RunningCase::end_of(int status, const std::string& told) const {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !told.empty() && told[0] >= '0' && told[0] <= '3')
    return {static_cast<CaseState>(told[0] - '0'), printable(told.substr(1))};
  const std::string words = last_words(output_.get());
  const std::string call = called(), in = call.empty() ? "" : " in its call " + call;
  if (WIFSIGNALED(status)) {
    return {CaseState::kFailed,
            (words.empty() ? "ended by a signal" + in : words) + " (" + signal_name(WTERMSIG(status)) + ")"};
  }
  return {CaseState::kFailed,
          words.empty() ? "ended its process with " + std::to_string(WEXITSTATUS(status)) + in : words};
}

}  // namespace ktstr
