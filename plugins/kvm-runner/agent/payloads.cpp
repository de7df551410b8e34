// SPDX-License-Identifier: Apache-2.0
#include "agent/payloads.hpp"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <ktstr/kit/assert.hpp>

#include "agent/doors.hpp"
#include "agent/programs.hpp"
#include "agent/telemetry.hpp"

namespace ktstr::agent {
namespace {

constexpr const char* kWorkDirectory = "/opt/ktstr/work";
constexpr int kPayloadStopMs = 1000;
constexpr std::size_t kMostRuns = 256;

void wait_ms(long ms) {
  const timespec time{0, ms * 1'000'000};
  ::nanosleep(&time, nullptr);
}

/// In the child: waits until it is placed, then becomes the program.
[[noreturn]] void become(const kvm::Payload& payload, int gate, int output, int errors) {
  const std::vector<std::string> variables = with_usual_environment(payload.environment);
  const std::vector<char*> arguments = pointers_to(payload.argv), environment = pointers_to(variables);
  ::setpgid(0, 0);
  drop_dangerous_capabilities();
  ::signal(SIGPIPE, SIG_DFL);
  const int null_fd = ::open("/dev/null", O_RDONLY);
  ::dup2(null_fd, 0);
  ::dup2(output, 1);
  ::dup2(errors, 2);
  char byte = 0;
  while (::read(gate, &byte, 1) < 0 && errno == EINTR) {
  }
  if (::chdir(kWorkDirectory) != 0 && ::chdir("/") != 0) ::_exit(125);
  ::execve(arguments[0], arguments.data(), environment.data());
  const std::string problem = "cannot start " + payload.argv[0] + ": " + ::strerror(errno) + "\n";
  if (::write(2, problem.data(), problem.size()) < 0) ::_exit(126);
  ::_exit(127);
}

}  // namespace

Payloads::Payloads(const kvm::Scenario& scenario, std::string directory)
    : scenario_(scenario), directory_(std::move(directory)) {}

Payloads::~Payloads() { stop_all(); }

Payloads::Run* Payloads::last(std::size_t payload) {
  for (std::size_t i = runs_.size(); i > 0; --i) {
    if (runs_[i - 1].payload == payload) return &runs_[i - 1];
  }
  return nullptr;
}

std::string Payloads::start(std::size_t payload, const std::function<std::string(pid_t)>& place) {
  KTSTR_ASSERT(payload < scenario_.payloads.size());
  const kvm::Payload& wanted = scenario_.payloads[payload];
  if (running(payload)) return "payload " + wanted.name + " runs already";
  if (runs_.size() >= kMostRuns) return "payloads were run more than " + std::to_string(kMostRuns) + " times";
  Run run;
  run.payload = payload;
  run.output = std::make_unique<OutputFile>();
  run.errors = std::make_unique<OutputFile>();
  const std::string file = directory_ + "/payload-" + std::to_string(runs_.size());
  ::mkdir(kWorkDirectory, 0755);
  int gate[2];
  if (!run.output->open(file + ".out") || !run.errors->open(file + ".err") || ::pipe2(gate, O_CLOEXEC) != 0)
    return "cannot start payload " + wanted.name + ": " + ::strerror(errno);
  run.start_ns = now_ns();
  run.pid = ::fork();
  if (run.pid == 0) {
    ::close(gate[1]);  // else it would wait for itself
    become(wanted, gate[0], run.output->fd(), run.errors->fd());
  }
  ::close(gate[0]);
  std::string problem = run.pid < 0 ? "cannot fork for payload " + wanted.name : place(run.pid);
  if (run.pid > 0) runs_.push_back(std::move(run));
  ::close(gate[1]);  // the end of the file lets it go
  return problem;
}

void Payloads::look() {
  for (Run& run : runs_) {
    if (run.pid < 0) continue;
    run.output->trim();
    run.errors->trim();
    if (::waitpid(run.pid, &run.status, WNOHANG) != run.pid) continue;
    run.pid = -1;
    run.end_ns = now_ns();
    KTSTR_ASSERT(run.start_ns <= run.end_ns);
  }
}

bool Payloads::running(std::size_t payload) {
  look();
  const Run* run = last(payload);
  return run != nullptr && run->pid > 0;
}

void Payloads::stop(std::size_t payload) {
  for (const int signal : {SIGTERM, SIGKILL}) {
    if (!running(payload)) return;
    Run* run = last(payload);
    run->stopped = true;
    ::kill(-run->pid, SIGCONT);
    ::kill(-run->pid, signal);
    for (int waited = 0; waited < kPayloadStopMs && running(payload); waited += 2) wait_ms(2);
  }
}

void Payloads::stop_all() {
  for (std::size_t payload = 0; payload < scenario_.payloads.size(); ++payload) stop(payload);
}

}  // namespace ktstr::agent
