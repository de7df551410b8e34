// SPDX-License-Identifier: Apache-2.0
#include "kcidb/kcidb_reporter.hpp"

#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <map>
#include <set>

#include "document/shown_text.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kExcerpt = 12 << 10;  // 16,384 characters are allowed; escapes make more of some bytes
constexpr const char* kOrigin = "ktstr";

const kit::OptionTable<kit::NoOptions> kKcidbOptions("reporter kcidb");

std::string id_of(const std::string& text) {
  return std::string(kOrigin) + ":" + kit::sha256_of(text).substr(0, 32);
}

/// Letters, digits, '_' and '-', which is what the parts of a path may have.
std::string path_part(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, 120)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    out += plain ? c : '_';
  }
  return out.empty() ? "_" : out;
}

const char* status_of(std::uint32_t outcome, bool flaky_fails) {
  switch (outcome) {
    case KTSTR_TEST_FLAKY: return flaky_fails ? "FAIL" : "PASS";
    case KTSTR_TEST_PASSED: return "PASS";
    case KTSTR_TEST_FAILED: return "FAIL";
    case KTSTR_TEST_SKIPPED: return "SKIP";
    case KTSTR_TEST_INCONCLUSIVE: return "ERROR";
    default: return "MISS";  // the harness failed
  }
}

/// A metric that does not gate, or that nobody could judge, was measured and nothing more.
const char* status_of(const Change& change) {
  if (change.standing == Standing::kFinding || change.standing == Standing::kSuspect) return "FAIL";
  return change.standing == Standing::kFine ? "PASS" : "DONE";
}

/// The objects of a report; each kernel is a checkout and a build of it.
class Kcidb {
 public:
  explicit Kcidb(std::string run) : run_(std::move(run)) {}

  json::object& add(const std::string& kernel, const std::string& path, const std::string& identity,
                    const char* status) {
    const std::string unique = run_ + "\n" + kernel + "\n" + path + "\n" + identity;
    const std::size_t before = seen_[unique]++;
    tests_.push_back(
        json::object{{"id", id_of(before == 0 ? unique : unique + "\n" + std::to_string(before))},
                     {"origin", kOrigin},
                     {"build_id", build(kernel)},
                     {"path", path},
                     {"status", status}});
    return tests_.back().get_object();
  }
  json::object document() {
    KTSTR_ASSERT(builds_.size() == kernels_.size() && checkouts_.size() == kernels_.size());
    return {{"version", {{"major", 5}, {"minor", 3}}},
            {"checkouts", std::move(checkouts_)},
            {"builds", std::move(builds_)},
            {"tests", std::move(tests_)}};
  }

 private:
  std::string build(const std::string& kernel) {
    const std::string checkout = id_of("checkout\n" + kernel), id = id_of("build\n" + kernel);
    if (!kernels_.insert(kernel).second) return id;
    const std::string name = kernel.empty() ? "unknown" : shown_line(kernel, 200);
    checkouts_.push_back(json::object{{"id", checkout}, {"origin", kOrigin}, {"comment", "kernel " + name}});
    builds_.push_back(json::object{{"id", id},
                                   {"checkout_id", checkout},
                                   {"origin", kOrigin},
                                   {"architecture", "x86_64"},
                                   {"comment", "kernel " + name}});
    return id;
  }

  std::string run_;
  std::map<std::string, std::size_t> seen_;
  std::set<std::string> kernels_;
  json::array checkouts_, builds_, tests_;
};

void add_tests(const Collected& all, Kcidb& out) {
  for (const TestResult& test : all.tests) {
    json::object& one = out.add(test.kernel, "ktstr." + path_part(test.name), test.name,
                                status_of(test.outcome, all.flaky_fails()));
    one["comment"] =
        shown_line(test.name) + (test.outcome == KTSTR_TEST_FLAKY ? ", which failed before it passed" : "");
    one["duration"] = static_cast<double>(test.duration_ns) / 1e9;
    if (!test.message.empty()) one["log_excerpt"] = shown_block(test.message, kExcerpt / 4);
    one["environment"] = json::object{
        {"comment", "qemu " + shown_line(test.topology)},
        {"misc", {{"topology", shown_line(test.topology)}, {"scheduler", shown_line(test.scheduler)}}}};
  }
  for (const std::string& name : all.not_run)
    out.add(text_of(all.begin, "kernel"), "ktstr." + path_part(name), name, "MISS")["comment"] =
        shown_line(name) + " was not started";
}

void add_changes(const Collected& all, Kcidb& out) {
  for (const Change& change : all.changes) {
    json::object& one =
        out.add(change.kernel, "ktstr." + path_part(change.test) + "." + path_part(change.metric),
                change.scenario() + "\n" + change.metric, status_of(change));
    one["comment"] = shown_line(change.metric + " " + change.sentence());
    if (std::isfinite(change.after)) {
      json::object measured{{"value", change.after}, {"prefix", "metric"}};
      if (!change.unit.empty()) measured["unit"] = shown_line(change.unit, 40);
      one["number"] = std::move(measured);
    }
    one["environment"] = json::object{
        {"comment", "qemu " + shown_line(change.topology)},
        {"misc", {{"topology", shown_line(change.topology)}, {"scheduler", shown_line(change.scheduler)}}}};
  }
}

}  // namespace

const std::string kKcidbOptionsSchema = kKcidbOptions.schema();

KcidbReporter::KcidbReporter(sdk::Host, const sdk::Creation& creation) : CollectingReporter(creation) {
  kit::refusing_mistakes([&] { return kKcidbOptions.read(creation.options); });
}

/// The run as a whole is a test of its own: what is partial, or red for another reason, is not lost.
std::string KcidbReporter::text(const Collected& all) const {
  const std::string run = all.is_delta() ? text_of(object_in(all.begin, "baseline"), "commit") + " " +
                                               text_of(object_in(all.begin, "head"), "label") + " " +
                                               text_of(all.begin, "session")
                                         : text_of(all.begin, "run");
  Kcidb out(run);
  const Verdict verdict = all.verdict();
  out.add(text_of(all.begin, "kernel"), all.is_delta() ? "ktstr.perf-delta" : "ktstr", "whole",
          verdict == Verdict::kPass   ? "PASS"
          : verdict == Verdict::kFail ? "FAIL"
          : all.is_partial()          ? "MISS"
                                      : "ERROR")["comment"] = shown_line(all.sentence());
  add_tests(all, out);
  add_changes(all, out);
  return kit::to_text(out.document()) + "\n";
}

}  // namespace ktstr::reporters
