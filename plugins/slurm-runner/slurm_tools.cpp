// SPDX-License-Identifier: Apache-2.0
#include "slurm_tools.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ktstr/kit/process.hpp>
#include <ktstr/kit/sdk_error.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr::slurm {
namespace {

constexpr std::chrono::seconds kToolLimit{60};  // with one tool; a dead controller takes them tens of seconds
constexpr std::size_t kMostOutput = 64U << 20U;
constexpr std::string_view kGone = "Invalid job id";  // of a job that is over for some minutes

/// What squeue would let the user's habits change: which jobs it shows.
const std::vector<std::string> kHabits = {
    "SQUEUE_ACCOUNT",   "SQUEUE_FORMAT",   "SQUEUE_FORMAT2",      "SQUEUE_LICENSES",   "SQUEUE_NAMES",
    "SQUEUE_PARTITION", "SQUEUE_QOS",      "SQUEUE_STATES",       "SQUEUE_USERS",      "SINFO_FORMAT",
    "SINFO_PARTITION",  "SCANCEL_ACCOUNT", "SCANCEL_INTERACTIVE", "SCANCEL_PARTITION", "SCANCEL_STATE"};

TaskState state_of(std::string_view word) {
  constexpr std::array<std::string_view, 10> kEnded = {"BOOT_FAIL", "CANCELLED", "COMPLETED",     "DEADLINE",
                                                       "FAILED",    "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED",
                                                       "REVOKED",   "TIMEOUT"};
  constexpr std::array<std::string_view, 5> kRunning = {"COMPLETING", "RUNNING", "SIGNALING", "STAGE_OUT",
                                                        "SUSPENDED"};
  if (std::find(kEnded.begin(), kEnded.end(), word) != kEnded.end()) return TaskState::kEnded;
  if (std::find(kRunning.begin(), kRunning.end(), word) != kRunning.end()) return TaskState::kRunning;
  return TaskState::kWaiting;  // also what a later Slurm calls something new: who waits loses nothing
}

std::string hint_for(const std::string& complaint) {
  const auto says = [&](const char* part) { return complaint.find(part) != std::string::npos; };
  if (says("contact slurm controller") || says("Connection refused") || says("timed out"))
    return "is slurmctld running? scontrol ping tells";
  if (says("configuration source"))
    return "this machine is part of no cluster that Slurm knows of: /etc/slurm/slurm.conf, or SLURM_CONF "
           "names it";
  if (says("Invalid job array specification"))
    return "more tests than MaxArraySize of slurm.conf: run a part of them (--partition slice:1/2), or raise "
           "it";
  if (says("partition")) return "sinfo lists the partitions; the runner's option \"partition\" names one";
  if (says("account")) return "the runner's option \"account\" names one that you may use";
  if (says("node configuration") || says("feature"))
    return "no node can do that: look at constraint, exclusive and sbatch_args of the runner, and at sinfo "
           "-Nl";
  return {};
}

}  // namespace

std::vector<QueueRow> parse_queue(std::string_view text, std::size_t tasks) {
  std::vector<QueueRow> rows;
  for (const std::string& line : kit::lines(text)) {
    const std::vector<std::string> parts = kit::split(line, '|');
    if (parts.size() != 4) continue;
    QueueRow row;
    const std::string& number = parts[0];
    const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), row.index);
    if (failed != std::errc() || end != number.data() + number.size() || row.index >= tasks) continue;
    row.word = printable_start(parts[1], 40);
    row.state = state_of(parts[1]);
    row.node = printable_start(parts[2], 255);
    if (parts[3] != "None") row.reason = printable_start(parts[3], 200);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string parse_job_id(std::string_view text) {
  const std::string line(kit::without_margins(kit::last_line(text)));
  const std::string id = line.substr(0, line.find(';'));
  const bool number = !id.empty() && id.size() <= 10 &&
                      std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number)
    throw sdk::Error(KTSTR_BAD_DATA,
                     "sbatch: expected a job's number, found \"" + printable_start(line, 80) + "\"");
  return id;
}

std::vector<std::string> secret_names(const std::vector<std::string>& variables) {
  constexpr std::array<std::string_view, 6> kParts = {"SECRET", "TOKEN",      "PASSWORD",
                                                      "PASSWD", "CREDENTIAL", "_KEY"};
  std::vector<std::string> names;
  for (const std::string& variable : variables) {
    const std::string name = variable.substr(0, variable.find('='));
    if (std::any_of(kParts.begin(), kParts.end(),
                    [&](std::string_view part) { return name.find(part) != std::string::npos; }))
      names.push_back(name);
  }
  return names;
}

std::string complaint_of(std::string_view errors) {
  std::string found;
  for (const std::string& line : kit::lines(errors)) {
    std::string_view text = kit::without_margins(line);
    if (const auto at = text.find(": error: "); at != std::string_view::npos) text.remove_prefix(at + 9);
    if (!text.empty()) found = printable_start(text, 300);
    if (text.find("contact slurm controller") != std::string_view::npos)
      break;  // what follows only repeats it
  }
  return found;
}

bool may_have_submitted(const sdk::Error& error) {
  return error.status() != KTSTR_UNAVAILABLE || error.message().find("timed out") != std::string::npos ||
         error.message().find("did not end") != std::string::npos;
}

std::string SlurmTools::run(std::vector<std::string> argv, const std::string& input, bool to_the_end) const {
  const std::string tool = argv.front();
  kit::Program program;
  program.argv = std::move(argv);
  std::vector<std::string> without = secret_names(kit::environment_with({}));
  without.insert(without.end(), kHabits.begin(), kHabits.end());
  program.environment = kit::environment_with({{"LC_ALL", "C"}, {"SLURM_TIME_FORMAT", "standard"}}, without);
  program.limit = kToolLimit;
  program.keep = kMostOutput;
  program.input = input;
  program.apart = true;
  if (!to_the_end) program.cancelled = stopped_;
  const auto ended = kit::run(program);
  if (!ended && ended.error().kind == kit::Failure::Kind::kNotStarted)
    throw sdk::Error(KTSTR_UNAVAILABLE, "cannot start " + tool + ": " + ended.error().reason,
                     "jobs are submitted on this machine with Slurm's tools: apt-get install slurm-client");
  if (!ended && ended.error().kind == kit::Failure::Kind::kTimeout)
    throw sdk::Error(KTSTR_UNAVAILABLE,
                     tool + " did not end within " + std::to_string(kToolLimit.count()) + " s",
                     "is slurmctld running? scontrol ping tells");
  if (!ended) throw kit::sdk_error(ended.error());
  if (ended->succeeded()) return ended->out;
  std::string complaint = complaint_of(ended->errors.empty() ? ended->out : ended->errors);
  if (complaint.empty()) complaint = "ended with status " + std::to_string(ended->status);
  throw sdk::Error(KTSTR_UNAVAILABLE, tool + ": " + complaint, hint_for(complaint));
}

std::string SlurmTools::submit(const std::vector<std::string>& sbatch, const std::string& script) const {
  return parse_job_id(run(sbatch, script, true));
}

void SlurmTools::pin(const std::string& job, std::uint32_t index, const std::string& node) const {
  run({"scontrol", "update", "JobId=" + job + "_" + std::to_string(index), "ReqNodeList=" + node}, "", true);
}

void SlurmTools::release(const std::string& job) const { run({"scontrol", "release", job}, "", true); }

std::vector<QueueRow> SlurmTools::queue(const std::string& job, std::size_t tasks) const {
  try {
    return parse_queue(
        run({"squeue", "--noheader", "--array", "--states=all", "--jobs=" + job, "--format=%K|%T|%N|%r"}, "",
            false),
        tasks);
  } catch (const sdk::Error& error) {
    if (error.message().find(kGone) == std::string::npos) throw;
    return {};
  }
}

void SlurmTools::cancel(const std::string& name) const {
  run({"scancel", "--quiet", "--name=" + name}, "", true);
}

void SlurmTools::cancel_task(const std::string& job, std::uint32_t index) const {
  run({"scancel", "--quiet", job + "_" + std::to_string(index)}, "", true);
}

std::string SlurmTools::version() const {
  return printable_start(kit::without_margins(kit::first_line_of(run({"sbatch", "--version"}, "", false))),
                         80);
}

std::vector<std::string> SlurmTools::partitions(const std::string& only) const {
  std::vector<std::string> argv{"sinfo", "--noheader", "--format=%P %D %T"};
  if (!only.empty()) argv.push_back("--partition=" + only);
  std::vector<std::string> found;
  for (const std::string& line : kit::lines(run(argv, "", false)))
    found.push_back(printable_start(line, 120));
  return found;
}

}  // namespace ktstr::slurm
