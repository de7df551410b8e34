// SPDX-License-Identifier: Apache-2.0
#include "result.hpp"

#include <ktstr/abi/runner.h>

#include <array>
#include <ktstr/kit/json_reader.hpp>
#include <ktstr/kit/utf8.hpp>
#include <limits>

namespace ktstr::slurm {
namespace {

constexpr std::size_t kLongestMessage = 1U << 20U;
constexpr std::size_t kMostArtifacts = 1000;
constexpr std::uint64_t kLongestRun = 366ULL * 86400 * 1'000'000'000;

// In the order of KTSTR_TEST_*.
constexpr std::array<std::string_view, 5> kOutcomes = {"passed", "failed", "skipped", "inconclusive",
                                                       "error"};
constexpr std::array<std::string_view, 12> kKeys = {"schema_version", "test",      "outcome", "attempt",
                                                    "duration_ns",    "message",   "sidecar", "host",
                                                    "host_before",    "artifacts", "failure", "node"};
constexpr std::array<std::string_view, 3> kFailureKeys = {"code", "message", "hint"};
constexpr std::array<std::string_view, 3> kArtifactKeys = {"name", "type", "failure"};
constexpr std::array<std::string_view, 2> kProgressKeys = {"text", "done"};

const json::object& object_of(const Located& located) {
  if (!located.value->is_object()) wrong(located.place, "an object", *located.value);
  return located.value->get_object();
}

/// The runner never came to run the test.
TaskResult read_failure(const Located& located) {
  const StrictObject failure(located, kFailureKeys);
  TaskResult result;
  result.outcome = KTSTR_TEST_ERROR;
  failure.get("code").integer(0, 255);
  result.message = failure.get("message").text(kLongestMessage);
  const std::string hint = failure.get("hint").text(kLongestMessage);
  if (result.message.empty()) refuse(failure.place(), "a failure needs a message");
  if (!hint.empty()) result.message += "\nfix: " + hint;
  return result;
}

/// With the node's machine in it, whatever it says of machines itself.
std::string read_sidecar(const StrictObject& object, const std::string& node) {
  const Located& located = object.get("sidecar");
  if (located.is_null()) return {};
  json::object sidecar = object_of(located);
  sidecar["node"] = node;
  sidecar["host"] = object_of(object.get("host"));
  sidecar["host_before"] = object_of(object.get("host_before"));
  return to_text(json::value(std::move(sidecar)), 0);
}

}  // namespace

TaskResult read_result(std::string_view text, const std::string& what, const std::string& test) {
  const kit::JsonRules rules{false, true, kit::kPeoplesDepth, kLargestResult, {}};
  const json::value document = kit::read_json(text, what, rules);
  const StrictObject object({&document, what}, kKeys, true);
  if (object.get("schema_version").integer(0, UINT32_MAX) != 1)
    refuse(what, "written by another version of ktstr",
           "install the same ktstr on this machine and on the nodes");
  const std::string name = object.get("test").text(4096);
  if (name != test) refuse(what, "a result of \"" + printable_start(name, 100) + "\"");
  if (const Located* failure = object.find("failure")) {
    TaskResult result = read_failure(*failure);
    result.node = object.get("node").text(255);
    return result;
  }
  TaskResult result;
  result.outcome = static_cast<std::uint32_t>(object.get("outcome").index_in(kOutcomes, "outcome"));
  result.attempt = static_cast<std::uint32_t>(object.get("attempt").integer(1, 10'000));
  result.duration_ns = object.get("duration_ns").integer(0, kLongestRun);
  result.message = object.get("message").text(kLongestMessage);
  result.node = object.get("node").text(255);
  result.sidecar = read_sidecar(object, result.node);
  for (const Located& item : object.get("artifacts").items(0, kMostArtifacts)) {
    const StrictObject artifact(item, kArtifactKeys);
    result.artifacts.push_back(
        {artifact.get("name").text(100), artifact.get("type").text(200), artifact.get("failure").boolean()});
  }
  return result;
}

TaskProgress read_progress(std::string_view text) {
  const json::value document = kit::read_json(text, "progress.json", kit::for_people());
  const StrictObject object({&document, "progress.json"}, kProgressKeys, true);
  const Located& done = object.get("done");
  return {object.get("text").text(4096),
          done.is_null() ? std::numeric_limits<double>::quiet_NaN() : done.number(0, 1)};
}

}  // namespace ktstr::slurm
