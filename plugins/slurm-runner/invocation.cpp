// SPDX-License-Identifier: Apache-2.0
#include "invocation.hpp"

#include <fcntl.h>

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/mistake.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>
#include <thread>

#include "inner_runner.hpp"
#include "node_file.hpp"

namespace ktstr::slurm {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kLargestArtifact = 4ULL << 30U;
constexpr std::uint64_t kLargestProgress = 64U << 10U;

std::string line_of(const sdk::Error& error) {
  return error.message() + (error.hint().empty() ? "" : " (" + error.hint() + ")");
}

}  // namespace

Invocation::Invocation(const SlurmOptions& options, const fs::path& shared, const FarmRequest& request,
                       const std::vector<std::string>& tests, sdk::Host host, const sdk::RunEvents& events,
                       const std::function<bool()>& stopped)
    : options_(options),
      tests_(tests),
      host_(host),
      events_(events),
      stopped_(stopped),
      slurm_(stopped),
      plan_(plan_array(request, tests, options.pin)),
      shared_(shared),
      task_(task_document(options, request_for_tasks(request, tests))),
      board_(tests.size(), plan_.pins, {options.result_wait, options.node_wait}),
      begun_(tests.size()),
      restarts_(tests.size()) {}

Invocation::~Invocation() {
  if (!directory_) return;
  try {  // also when no job's number ever came back: sbatch may have been cut off after it was taken
    slurm_.cancel(directory_->job_name());
  } catch (const sdk::Error& error) {
    host_.warning(line_of(error) +
                  "; tasks that are left end by themselves as soon as they start, or with: scancel --name=" +
                  directory_->job_name());
  }
}

void Invocation::submit() {
  FarmDirectory::sweep(shared_, [&](const std::string& job) {
    host_.info("cancelling what a ktstr that was killed has left: " + job);
    slurm_.cancel(job);
  });
  directory_.emplace(FarmDirectory::make(shared_, task_));
  try {
    job_ = slurm_.submit(submission(options_, plan_, directory_->path()),
                         task_script(ktstr_program(options_), directory_->path()));
  } catch (const sdk::Error& error) {
    if (!may_have_submitted(error)) directory_.reset();
    throw;
  }
  events_.progress("", "Slurm job " + job_ + ": " + kit::counted(tests_.size(), "test", "tests"));
  if (plan_.pins.empty()) return;
  for (const auto& [index, node] : plan_.pins) pin(index, node);
  slurm_.release(job_);
}

/// A node that the cluster no longer has costs this test only.
void Invocation::pin(std::uint32_t index, const std::string& node) {
  if (stopped_()) return;
  try {
    slurm_.pin(job_, index, node);
  } catch (const sdk::Error& error) {
    give_up({index, node + ", on which the other side of this pair ran, cannot be had: " + error.message(),
             "sinfo -N lists the nodes; the runner's option \"pin\" may be \"none\"", true});
  }
}

void Invocation::run() {
  submit();
  while (true) {
    if (stopped_()) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
    take_results();
    if (board_.count_open() == 0) return;
    look_at_queue();
    const std::vector<TaskBoard::Lost> lost = board_.lost(Clock::now());
    if (!lost.empty()) take_results();  // that came while the queue was asked
    for (const TaskBoard::Lost& task : lost) {
      if (board_.open(task.index)) give_up(task);
    }
    if (board_.count_open() == 0) return;
    pause();
  }
}

void Invocation::pause() {
  const auto until = Clock::now() + options_.poll;
  while (!stopped_() && Clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

void Invocation::begin(std::uint32_t index) {
  KTSTR_ASSERT(index < begun_.size() && begun_.size() == tests_.size());
  if (begun_[index]) return;
  begun_[index] = true;
  events_.started(tests_[index]);
}

void Invocation::take_results() {
  for (const auto& [index, restarts] : directory_->attempts(tests_.size())) {
    if (!board_.open(index)) continue;
    begin(index);
    bool taken = false;
    for (const std::uint32_t restart : restarts) taken = taken || take_attempt(index, restart);
    if (taken) continue;
    const std::uint32_t latest = restarts.back();
    if (latest > restarts_[index]) {
      restarts_[index] = latest;
      events_.progress("", tests_[index] + ": Slurm runs it again, begun for the " +
                               std::to_string(std::uint64_t{latest} + 1) + ". time");
    }
    tell_progress(index, latest);
  }
}

bool Invocation::take_attempt(std::uint32_t index, std::uint32_t restart) {
  const fs::path file = directory_->attempt(index, restart) / "result.json";
  // A link could lead to any file of this machine's.
  const auto text = kit::read_file(file, kLargestResult, O_NOFOLLOW);
  if (!text && text.error().error == ENOENT) return false;
  TaskResult result;
  try {
    if (!text) throw Mistake(text.error().message());
    result = read_result(*text, "result.json of " + printable(tests_[index]), tests_[index]);
  } catch (const Mistake& mistake) {
    result.outcome = KTSTR_TEST_ERROR;
    result.message = mistake.message() + (mistake.hint().empty() ? "" : "\nfix: " + mistake.hint());
    result.node = board_.node(index);
  }
  hand_over(index, restart, result);
  return true;
}

void Invocation::hand_over(std::uint32_t index, std::uint32_t restart, const TaskResult& result) {
  KTSTR_ASSERT(board_.open(index));  // every test ends once
  const std::string& test = tests_[index];
  hand_over_artifacts(index, restart, result);
  const bool error = result.outcome == KTSTR_TEST_ERROR;
  const std::string message =
      error && !result.node.empty() ? result.node + ": " + result.message : result.message;
  board_.close(index);
  events_.finished({test, result.outcome, std::chrono::nanoseconds(result.duration_ns), message,
                    result.sidecar, result.attempt + restart});
}

void Invocation::hand_over_artifacts(std::uint32_t index, std::uint32_t restart, const TaskResult& result) {
  const std::string& test = tests_[index];
  for (std::size_t i = 0; i < result.artifacts.size(); ++i) {
    const TaskResult::Artifact& artifact = result.artifacts[i];
    const fs::path file = directory_->attempt(index, restart) / ("artifact-" + std::to_string(i));
    std::optional<sdk::Artifact> out;  // one that cannot be read is none
    const auto open = [&] {
      if (!out)
        out = events_.artifact(test, artifact.name, artifact.type,
                               artifact.failure ? KTSTR_ARTIFACT_FAILURE : 0U);
    };
    const kit::Done read = read_pieces(file, kLargestArtifact, [&](std::string_view piece) {
      open();
      return out->write(piece);
    });
    if (read)
      open();  // an empty one is one
    else
      host_.warning(printable(test) + ": " + printable(artifact.name) +
                    (out ? " is not complete" : " is lost") + ": " + read.error().message());
  }
}

void Invocation::look_at_queue() {
  std::vector<QueueRow> rows;
  try {
    rows = slurm_.queue(job_, tests_.size());
  } catch (const sdk::Error& error) {
    if (stopped_()) return;
    const auto now = Clock::now();
    if (!silent_) {
      silent_ = now;
      events_.progress("", "Slurm's controller does not answer; tests that run go on: " + line_of(error));
    } else if (now - *silent_ >= options_.controller_wait) {
      for (std::uint32_t index = 0; index < tests_.size(); ++index) {
        if (board_.open(index))
          give_up({index,
                   "Slurm's controller has not answered for " +
                       std::to_string(options_.controller_wait.count()) + " s: " + error.message(),
                   error.hint(), false});
      }
    }
    return;
  }
  if (silent_) events_.progress("", "Slurm's controller answers again");
  silent_.reset();
  board_.see(rows, Clock::now());
  const std::string waiting = board_.queue_line();
  bool any = false;
  for (std::uint32_t index = 0; index < tests_.size(); ++index) {
    if (!board_.open(index) || !board_.running(index)) continue;
    any = true;
    begin(index);
  }
  for (std::uint32_t index = 0; !any && !waiting.empty() && index < tests_.size(); ++index) {
    if (!board_.open(index)) continue;
    events_.progress(tests_[index], waiting);
    break;
  }
}

void Invocation::give_up(const TaskBoard::Lost& lost) {
  KTSTR_ASSERT(board_.open(lost.index));
  const std::string& test = tests_[lost.index];
  if (lost.waits) slurm_.cancel_task(job_, lost.index);
  begin(lost.index);
  std::string message = lost.why + (lost.hint.empty() ? "" : "\nfix: " + lost.hint);
  if (const std::string log = directory_->log_of(lost.index); !log.empty()) {
    events_.artifact(test, "slurm-task.txt", "text/plain", KTSTR_ARTIFACT_FAILURE).write(log);
    message += "\nit printed: " + printable_end(kit::last_line(log), 400);
  }
  board_.close(lost.index);
  events_.finished({test, KTSTR_TEST_ERROR, {}, message, {}, restarts_[lost.index] + 1});
}

void Invocation::tell_progress(std::uint32_t index, std::uint32_t restart) {
  const auto text =
      kit::read_file(directory_->attempt(index, restart) / "progress.json", kLargestProgress, O_NOFOLLOW);
  if (!text) return;
  try {
    const TaskProgress progress = read_progress(*text);
    const std::string& node = board_.node(index);
    events_.progress(tests_[index], (node.empty() ? "" : node + ": ") + progress.text, progress.done);
  } catch (const Mistake&) {  // a line that nobody can read is a line less
  }
}

}  // namespace ktstr::slurm
