// SPDX-License-Identifier: Apache-2.0
#include "inner_runner.hpp"

#include <ktstr/kit/json_reader.hpp>
#include <ktstr/kit/process.hpp>
#include <ktstr/kit/sdk_error.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr::slurm {
namespace {

constexpr std::chrono::seconds kDiscoverLimit{600};
constexpr std::size_t kLargestAnswer = 256U << 20U;
constexpr std::size_t kMostTests = 1'000'000;

/// The host makes an exit code of a status; this is the way back.
ktstr_status status_of(std::uint64_t exit_code) {
  switch (exit_code) {
    case 2: return KTSTR_INVALID_ARGUMENT;
    case 3: return KTSTR_UNAVAILABLE;
    case 130: return KTSTR_CANCELLED;
    default: return KTSTR_INTERNAL;
  }
}

sdk::TestEntry parse_test(const Located& located) {
  const OpenObject row(located);
  sdk::TestEntry test;
  test.name = row.get("name").text();
  test.topology = row.text("topology");
  test.scheduler = row.text("scheduler");
  test.work_type = row.text("work_type");
  test.manifest = row.text("manifest");
  test.performance_mode = row.get("performance_mode").boolean();
  test.duration_ms = row.get("duration_ms").integer(0, UINT64_MAX);
  test.test = row.text("test");
  test.program = row.text("program");
  test.demands = row.text("demands");
  test.inputs = row.text("inputs");
  return test;
}

}  // namespace

std::string ktstr_program(const SlurmOptions& options) {
  if (!options.ktstr.empty()) return options.ktstr;
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error)
    throw sdk::Error(KTSTR_UNAVAILABLE, "cannot tell where ktstr lies: " + error.message(),
                     "say it: \"ktstr\" of the runner's options");
  return self.string();
}

json::object task_document(const SlurmOptions& options, json::object request) {
  if (options.runner.starts_with("slurm"))
    throw sdk::Error(KTSTR_INVALID_ARGUMENT, "option runner: tasks of a farm cannot be handed to a farm",
                     "name what runs the tests on the nodes: \"kvm\"");
  return {{"schema_version", 1},
          {"runner", options.runner},
          {"options", options.runner_options},
          {"request", std::move(request)}};
}

std::vector<sdk::TestEntry> parse_discovered(const std::string& text) {
  const std::string what = "ktstr plugin call discover";
  const json::value document = kit::read_json(text, what);
  const OpenObject answer({&document, what}, true);
  if (const Located* failure = answer.find("failure")) {
    const OpenObject told(*failure);
    throw sdk::Error(status_of(told.get("code").integer(0, 255)), told.get("message").text(),
                     told.text("hint"));
  }
  std::vector<sdk::TestEntry> tests;
  for (const Located& row : answer.get("tests").items(0, kMostTests)) tests.push_back(parse_test(row));
  return tests;
}

std::vector<sdk::TestEntry> discover_tests(const SlurmOptions& options, const FarmRequest& request,
                                           const std::function<bool()>& stopped) {
  if (request.manifests == 0) return {};
  kit::Program program;
  program.argv = {ktstr_program(options), "-C", "/", "plugin", "call", "discover", "-"};
  program.input = to_text(json::value(task_document(options, request.whole)), 0);
  program.limit = kDiscoverLimit;
  program.keep = kLargestAnswer;
  program.apart = true;
  program.cancelled = stopped;
  const auto ended = kit::run(program);
  if (!ended) throw kit::sdk_error(ended.error());
  if (!ended->succeeded())
    throw sdk::Error(status_of(static_cast<std::uint64_t>(ended->status)),
                     "ktstr plugin call discover: " + printable_start(kit::last_line(ended->errors), 400),
                     "is " + program.argv.front() + " of the same version as this ktstr?");
  return kit::refusing_mistakes([&] { return parse_discovered(ended->out); });
}

}  // namespace ktstr::slurm
