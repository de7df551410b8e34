// SPDX-License-Identifier: Apache-2.0
//
// A whole runner: a test is a program of the project, its exit status the outcome, its lines
// `metric NAME VALUE` what it measured. No guest, no kernel of its own.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <ktstr/sdk.hpp>

#include "process.hpp"
#include "tests.hpp"

namespace process_runner {
namespace {

namespace json = boost::json;
namespace sdk = ktstr::sdk;

constexpr int kSkipped = 77;  // as automake has it

/// How a test went, in the words of the host.
struct Judged {
  std::uint32_t outcome = KTSTR_TEST_ERROR;
  std::string message;
  json::object metrics;
};

/// The last lines, which usually say what went wrong.
std::string tail(const std::string& output) {
  std::size_t at = output.find_last_not_of('\n');
  for (int lines = 0; at != std::string::npos && at > 0 && lines < 5; ++lines)
    at = output.rfind('\n', at - 1);
  return at == std::string::npos ? output : output.substr(at);
}

Judged judge(const Ended& ended, const Test& test) {
  Judged judged;
  const std::string output = tail(ended.output);
  switch (ended.how) {
    case Ended::How::kNotStarted:
      judged.message = "cannot start " + test.command.front() + ": " + std::strerror(ended.number);
      return judged;
    case Ended::How::kTooLate:
      judged = {KTSTR_TEST_FAILED, "did not end within " + std::to_string(test.timeout.count()) + " s", {}};
      break;
    case Ended::How::kKilled:
      judged = {KTSTR_TEST_FAILED, "killed by signal " + std::to_string(ended.number), {}};
      break;
    default:
      if (ended.number == 0)
        judged.outcome = KTSTR_TEST_PASSED;
      else
        judged = {ended.number == kSkipped ? KTSTR_TEST_SKIPPED : KTSTR_TEST_FAILED,
                  "exit status " + std::to_string(ended.number),
                  {}};
  }
  if (judged.outcome == KTSTR_TEST_PASSED) {
    try {
      judged.metrics = metrics_of(ended.output);
    } catch (const sdk::Error& error) {
      judged = {KTSTR_TEST_ERROR, error.message(), {}};
    }
  } else if (!output.empty()) {
    judged.message += '\n' + output;
  }
  return judged;
}

/// What the host knows (kernel, builds, times) it fills in itself; what a host process does not have is left
/// out.
std::string sidecar_of(const Test& test, const Judged& judged, const Request& request) {
  json::array failure;
  if (judged.outcome == KTSTR_TEST_FAILED) failure.emplace_back(judged.message);
  return json::serialize(json::object{
      {"schema_version", 1},
      {"test_name", test.name},
      {"topology", "host"},
      {"scheduler", "host"},
      {"work_type", "process"},
      {"passed", judged.outcome == KTSTR_TEST_PASSED},
      {"skipped", judged.outcome == KTSTR_TEST_SKIPPED},
      {"inconclusive", false},
      {"expected_failure", false},
      {"performance_mode", true},
      {"failure", failure.empty() ? json::value(nullptr) : json::value(failure)},
      {"seed", request.seed},
      {"stats", {{"cgroups", json::array()}, {"phases", json::array()}, {"ext_metrics", judged.metrics}}}});
}

class ProcessRunner : public sdk::Runner {
 public:
  ProcessRunner(sdk::Host host, const sdk::Creation&) : host_(host) {}

  void probe(std::string_view, const sdk::Writer& out) override {
    out.write(
        R"({"checks": [{"name": "host processes", "state": "ok", "found": "always there", "fix": ""}]})");
  }

  void discover(std::string_view text, const sdk::TestVisitor& visit) override {
    for (const Test& test : load_tests(parse_request(text)))
      visit({test.name, "host", "host", "process", test.manifest, true, 1000, "", "", ""});
  }

  void run(std::string_view text, const sdk::RunEvents& events) override {
    interrupted_ = false;
    const Request request = parse_request(text);
    const auto asked = [&](const Test& test) {
      return request.tests.empty() ||
             std::find(request.tests.begin(), request.tests.end(), test.name) != request.tests.end();
    };
    for (const Test& test : load_tests(request)) {
      if (asked(test)) run_one(test, request, events);
    }
  }

  void interrupt() noexcept override { interrupted_ = true; }

 private:
  bool stopped() const { return interrupted_ || host_.cancelled(); }

  void run_one(const Test& test, const Request& request, const sdk::RunEvents& events) const {
    events.started(test.name);
    const Ended ended =
        run_program(test.command, request.project_dir, test.timeout, [this] { return stopped(); });
    if (stopped()) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
    const Judged judged = judge(ended, test);
    if (judged.outcome != KTSTR_TEST_PASSED && !ended.output.empty())
      events.artifact(test.name, "output.txt", "text/plain", KTSTR_ARTIFACT_FAILURE).write(ended.output);
    const std::string sidecar =
        judged.outcome == KTSTR_TEST_ERROR ? std::string() : sidecar_of(test, judged, request);
    events.finished({test.name, judged.outcome, ended.taken, judged.message, sidecar});
  }

  sdk::Host host_;
  std::atomic<bool> interrupted_{false};
};

}  // namespace
}  // namespace process_runner

KTSTR_PLUGIN("com.example.runner-process", KTSTR_PLUGIN_VERSION, "Example Inc", "Apache-2.0",
             (ktstr::sdk::runner_impl<process_runner::ProcessRunner, KTSTR_RUNNER_NO_KERNEL>(
                 "process", "programs of the project, run on this host")))
