// SPDX-License-Identifier: Apache-2.0
#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>

#include "support/warden.hpp"

extern char** environ;

namespace ktstr {
namespace {

using Clock = std::chrono::steady_clock;

/// A pipe, both ends closed on exec and with the object.
struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() { close(0), close(1); }
  bool open() { return ::pipe2(ends, O_CLOEXEC) == 0; }
  void close(int end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
  int release(int end) {
    const int fd = ends[end];
    ends[end] = -1;
    return fd;
  }
};

Error cannot_run(const ProcessRequest& request, int error) {
  std::string hint;
  if (error == EAGAIN) hint = "raise the limit on processes (ulimit -u, or the container's pids limit)";
  if (error == EMFILE || error == ENFILE) hint = "raise the limit on open files (ulimit -n)";
  return environment_error("cannot run " + request.argv.front() + ": " + std::strerror(error) +
                               (request.directory.empty() ? "" : " (in " + request.directory + ")"),
                           hint);
}

std::vector<std::string> environment_of(const ProcessRequest& request) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    bool replaced = false;
    for (const auto& [name, value] : request.environment) replaced = replaced || text.starts_with(name + "=");
    for (const std::string& name : request.without) replaced = replaced || text.starts_with(name + "=");
    if (!replaced) variables.push_back(text);
  }
  for (const auto& [name, value] : request.environment) variables.push_back(name + "=" + value);
  return variables;
}

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// Wardens of programs that ended and left processes behind (a compile server). Those may serve the next
/// build, and end with ktstr: its end, of whatever kind, closes the lifelines.
class Lingering {
 public:
  void add(pid_t warden, int lifeline) {
    const std::lock_guard lock(mutex_);
    wardens_.push_back({warden, lifeline});
  }
  void reap() {
    const std::lock_guard lock(mutex_);
    std::erase_if(wardens_, [](const auto& entry) {
      if (::waitpid(entry.first, nullptr, WNOHANG) == 0) return false;
      ::close(entry.second);
      return true;
    });
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<pid_t, int>> wardens_;
};

Lingering& lingering() {
  static auto* const all = new Lingering;  // outlives every destructor
  return *all;
}

/// The program, its warden and what they say, as seen from ktstr.
class Supervised {
 public:
  Supervised(const ProcessRequest& request) : request_(request) {}

  /// errno, or 0.
  int start() {
    const std::vector<std::string> variables = environment_of(request_);
    const std::vector<char*> argv = pointers_to(request_.argv), environment = pointers_to(variables);
    if (!out_.open() || !lifeline_.open() || !status_.open()) return errno;
    const WardenTask task{
        argv.data(),  environment.data(), request_.directory.empty() ? nullptr : request_.directory.c_str(),
        out_.ends[1], lifeline_.ends[0],  status_.ends[1]};
    warden_ = ::fork();
    if (warden_ == 0) be_warden(task);
    const int error = errno;
    out_.close(1), lifeline_.close(0), status_.close(1);
    return warden_ < 0 ? error : 0;
  }

  /// Takes in what was written or told within `milliseconds`; false when nothing was.
  bool pump(int milliseconds) {
    pollfd entries[] = {{out_.ends[0], POLLIN, 0}, {status_.ends[0], POLLIN, 0}};
    if (::poll(entries, 2, milliseconds) <= 0) return false;
    if (entries[0].revents != 0) read_output();
    if (entries[1].revents != 0) read_status();
    return true;
  }

  /// Ends all processes of the program.
  void end_all() {
    lifeline_.close(1);
    for (const auto end = Clock::now() + std::chrono::seconds(15); !gone_ && Clock::now() < end;) pump(50);
    if (!gone_) ::kill(warden_, SIGKILL);
    reap();
  }

  /// The program has ended. What it wrote counts; what processes that it left behind still write does not.
  void let_go() {
    for (const auto end = Clock::now() + std::chrono::milliseconds(200); !gone_ && Clock::now() < end;)
      pump(20);
    for (const auto end = Clock::now() + std::chrono::milliseconds(200);
         out_.ends[0] >= 0 && pump(0) && Clock::now() < end;) {
    }
    if (gone_) {
      if (!report_ && program_ > 0) ::kill(-program_, SIGKILL);  // its warden was killed; here is who remains
      reap();
    } else {
      lingering().add(warden_, lifeline_.release(1));
    }
  }

  bool gone() const { return gone_; }  ///< no process is left
  const std::optional<WardenReport>& report() const { return report_; }
  std::string take_output() {
    if (output_.size() > request_.output_limit) output_.erase(0, output_.size() - request_.output_limit);
    return std::move(output_);
  }

 private:
  void read_output() {
    char chunk[1 << 14];
    const ssize_t n = ::read(out_.ends[0], chunk, sizeof chunk);
    if (n > 0) output_.append(chunk, static_cast<std::size_t>(n));
    if (n == 0 || (n < 0 && errno != EINTR)) out_.close(0);
    if (output_.size() > 2 * request_.output_limit) output_.erase(0, output_.size() - request_.output_limit);
  }
  void read_status() {
    WardenReport told;
    const ssize_t n = ::read(status_.ends[0], &told, sizeof told);
    if (n == static_cast<ssize_t>(sizeof told)) {
      if (told.kind == WardenReport::kStarted)
        program_ = told.value;
      else if (!report_)
        report_ = told;
    }
    if (n == 0 || (n < 0 && errno != EINTR)) {
      gone_ = true;
      status_.close(0);
    }
  }
  void reap() {
    while (::waitpid(warden_, nullptr, 0) < 0 && errno == EINTR) {  // nobody's status but the report counts
    }
  }

  const ProcessRequest& request_;
  Pipe out_, lifeline_, status_;
  pid_t warden_ = -1, program_ = -1;
  bool gone_ = false;
  std::optional<WardenReport> report_;
  std::string output_;
};

}  // namespace

Result<ProcessOutput> run_process(const ProcessRequest& request, const std::atomic<bool>& cancel) {
  lingering().reap();
  Supervised program(request);
  if (const int error = program.start(); error != 0) return cannot_run(request, error);
  for (const auto end = Clock::now() + request.timeout; !program.report() && !program.gone();) {
    program.pump(50);
    const bool late = Clock::now() > end;
    if (!cancel && !late) continue;
    program.end_all();
    if (cancel) return Error{ExitCode::kInterrupted, request.argv.front() + " was stopped", ""};
    return plugin_error(request.argv.front() + " did not end within " +
                        std::to_string(request.timeout.count()) + " s");
  }
  program.let_go();
  if (!program.report())
    return environment_error("cannot tell how " + request.argv.front() +
                             " ended: the process that watched it was killed");
  if (program.report()->kind == WardenReport::kNotStarted)
    return cannot_run(request, program.report()->value);
  ProcessOutput result;
  const int status = program.report()->value;
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.output = program.take_output();
  return result;
}

}  // namespace ktstr
