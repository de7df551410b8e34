// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ktstr/kit/assert.hpp>

#include "ktstr/kit/child.hpp"
#include "ktstr/kit/fd.hpp"
#include "ktstr/kit/mutex.hpp"
#include "warden.hpp"

extern char** environ;

namespace ktstr::kit {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Wardens of programs that ended and left processes behind (a compile server). Those may serve the next
/// build, and end with us: our end, of whatever kind, closes the lifelines.
class Lingering {
 public:
  void add(pid_t warden, Fd lifeline) {
    KTSTR_ASSERT(warden > 0 && lifeline.open());
    const Lock lock(mutex_);
    wardens_.emplace_back(warden, std::move(lifeline));
  }
  void reap_the_gone() {
    const Lock lock(mutex_);
    std::erase_if(wardens_,
                  [](const auto& entry) { return reap(entry.first, WNOHANG).state != Reaped::kRuns; });
  }

 private:
  Mutex mutex_;
  std::vector<std::pair<pid_t, Fd>> wardens_ KTSTR_GUARDED_BY(mutex_);
};

Lingering& lingering() {
  static auto* const all = new Lingering;  // outlives every destructor
  return *all;
}

/// One output of the program: what is kept of it.
struct Stream {
  Pipe pipe;
  std::string text;

  std::size_t keep;

  /// Takes in at most `most` bytes and tells how many there were; 0 when nothing more will come.
  std::size_t read(std::size_t most) {
    char chunk[1 << 16];
    ssize_t n = 0;
    do {
      n = ::read(pipe.read.get(), chunk, std::min(most, sizeof chunk));
    } while (n < 0 && errno == EINTR);
    if (n <= 0) {
      pipe.read.reset();
      return 0;
    }
    text.append(chunk, static_cast<std::size_t>(n));
    if (text.size() / 2 > keep) text.erase(0, text.size() - keep);
    return static_cast<std::size_t>(n);
  }
  /// Takes in what lies in the pipe just now.
  void drain() {
    int lies = 0;
    if (!pipe.read.open() || ::ioctl(pipe.read.get(), FIONREAD, &lies) != 0 || lies < 0) return;
    for (auto left = static_cast<std::size_t>(lies); left > 0;) {
      const std::size_t got = read(left);
      if (got == 0) return;
      KTSTR_ASSERT(got <= left);
      left -= got;
    }
  }
  std::string take() {
    if (text.size() > keep) text.erase(0, text.size() - keep);
    KTSTR_ASSERT(text.size() <= keep);
    return std::move(text);
  }
};

/// What the program reads from its standard input; errno when there is none to be had.
Fd input_of(const std::string& bytes) {
  if (bytes.empty()) return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Fd file(::memfd_create("ktstr-input", MFD_CLOEXEC));
  if (file.open() && (!write_all(file.get(), bytes) || ::lseek(file.get(), 0, SEEK_SET) != 0)) file.reset();
  return file;
}

/// The program, its warden and what they say, as seen from here.
class Supervised {
 public:
  explicit Supervised(const Program& program) : program_(program) {}

  /// errno, or 0.
  int start() {
    KTSTR_ASSERT(warden_ == -1 && !program_.argv.empty());
    const std::vector<std::string> variables =
        program_.environment ? *program_.environment : environment_with({});
    const std::vector<char*> argv = pointers_to(program_.argv), environment = pointers_to(variables);
    const Fd in = input_of(program_.input);
    if (!in.open() || !out_.pipe.open() || (program_.apart && !errors_.pipe.open()) || !lifeline_.open() ||
        !status_.open())
      return errno;
    const int out = out_.pipe.write.get();
    const WardenTask task{argv.data(),
                          environment.data(),
                          program_.directory.empty() ? nullptr : program_.directory.c_str(),
                          in.get(),
                          out,
                          program_.apart ? errors_.pipe.write.get() : out,
                          lifeline_.read.get(),
                          status_.write.get()};
    warden_ = ::fork();
    if (warden_ == 0) be_warden(task);
    if (warden_ < 0) return errno;
    for (Fd* ours : {&out_.pipe.write, &errors_.pipe.write, &lifeline_.read, &status_.write}) ours->reset();
    return 0;
  }

  /// Takes in what was written or told within that time.
  void pump(milliseconds time) {
    pollfd entries[] = {{out_.pipe.read.get(), POLLIN, 0},
                        {errors_.pipe.read.get(), POLLIN, 0},
                        {status_.read.get(), POLLIN, 0}};
    if (::poll(entries, 3, static_cast<int>(time.count())) <= 0) return;
    if (entries[0].revents != 0) out_.read(SIZE_MAX);
    if (entries[1].revents != 0) errors_.read(SIZE_MAX);
    if (entries[2].revents != 0) read_status();
  }

  /// Ends all processes of the program.
  void end_all() {
    KTSTR_ASSERT(warden_ > 0);
    lifeline_.write.reset();
    for (const auto end = Clock::now() + std::chrono::seconds(15); !gone() && Clock::now() < end;)
      pump(milliseconds(50));
    if (!gone()) ::kill(warden_, SIGKILL);
    reap(warden_, 0);
  }

  /// The program has ended: what it wrote lies in the pipes. What processes that it left behind write from
  /// now on does not count.
  void let_go() {
    KTSTR_ASSERT(warden_ > 0);
    for (const auto end = Clock::now() + milliseconds(200); !gone() && Clock::now() < end;)
      pump(milliseconds(20));
    out_.drain();
    errors_.drain();
    if (!gone()) return lingering().add(warden_, std::move(lifeline_.write));
    if (!report_ && child_ > 0) ::kill(-child_, SIGKILL);  // its warden was killed; here is who remains
    reap(warden_, 0);                                      // nobody's status but the report counts
  }

  bool gone() const { return !status_.read.open(); }  ///< no process is left
  const std::optional<WardenReport>& report() const { return report_; }

  Ended ended() {
    Ended ended;
    KTSTR_ASSERT(report_ && report_->kind == WardenReport::kEnded);
    if (WIFEXITED(report_->value)) ended.status = WEXITSTATUS(report_->value);
    if (WIFSIGNALED(report_->value)) ended.signal = WTERMSIG(report_->value);
    ended.out = out_.take();
    ended.errors = errors_.take();
    return ended;
  }

 private:
  void read_status() {
    WardenReport told;
    const ssize_t n = ::read(status_.read.get(), &told, sizeof told);
    if (n == static_cast<ssize_t>(sizeof told)) {
      if (told.kind == WardenReport::kStarted)
        child_ = told.value;
      else if (!report_)
        report_ = told;
    }
    if (n == 0 || (n < 0 && errno != EINTR)) status_.read.reset();
  }

  const Program& program_;
  Stream out_{{}, {}, program_.keep}, errors_{{}, {}, program_.keep_errors};
  Pipe lifeline_, status_;
  pid_t warden_ = -1, child_ = -1;
  std::optional<WardenReport> report_;
};

Failure cannot_run(const Program& program, int error) {
  Failure failure = system_failure("cannot run", program.argv.front(), error);
  failure.kind = Failure::Kind::kNotStarted;
  if (!program.directory.empty()) failure.reason += " (in " + program.directory + ")";
  return failure;
}

}  // namespace

Outcome<Ended> run(const Program& program) {
  using Kind = Failure::Kind;
  KTSTR_ASSERT(!program.argv.empty());
  const std::string& name = program.argv.front();
  lingering().reap_the_gone();
  Supervised child(program);
  if (const int error = child.start(); error != 0) return cannot_run(program, error);
  for (const auto end = Clock::now() + program.limit; !child.report() && !child.gone();) {
    child.pump(milliseconds(50));
    const bool stop = program.cancelled && program.cancelled();
    if (!stop && Clock::now() <= end) continue;
    child.end_all();
    if (stop) return Failure{Kind::kCancelled, "", name, "was stopped"};
    return Failure{Kind::kTimeout, "", name,
                   "did not end within " + std::to_string(program.limit.count()) + " s"};
  }
  child.let_go();
  if (!child.report())
    return Failure{Kind::kLost, "", name,
                   "ended, and how cannot be told: the process that watched it was killed"};
  if (child.report()->kind == WardenReport::kNotStarted) return cannot_run(program, child.report()->value);
  return child.ended();
}

std::vector<std::string> environment_with(const Variables& set, const std::vector<std::string>& without) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto names = [&](const std::string& name) { return text.starts_with(name + "="); };
    if (std::none_of(set.begin(), set.end(), [&](const auto& one) { return names(one.first); }) &&
        std::none_of(without.begin(), without.end(), names))
      variables.push_back(text);
  }
  for (const auto& [name, value] : set) variables.push_back(name + "=" + value);
  return variables;
}

}  // namespace ktstr::kit
