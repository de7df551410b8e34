// SPDX-License-Identifier: Apache-2.0
#include "doctor/runner_checks.hpp"

#include <array>

#include "support/json.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kMostChecks = 1000;
constexpr std::array<std::string_view, 3> kStates = {"ok", "warn", "fail"};  // of CheckState, in its order

Check read_check(const Located& located, const std::string& subject) {
  const OpenObject object(located);
  Check check;
  check.subject = subject;
  check.name = object.get("name").text();
  if (check.name.empty()) refuse(object.get("name").place, "the name is empty");
  check.state = static_cast<CheckState>(object.get("state").index_in(kStates, "state"));
  check.found = object.text("found");
  check.fix = object.text("fix");
  return check;
}

}  // namespace

Result<Checks> read_probe(std::string_view text, const std::string& subject) {
  return read_document(
      text, "what the " + subject + " found", {}, ExitCode::kPlugin, [&](const Located& root) {
        Checks checks;
        for (const Located& item : OpenObject(root, true).get("checks").items(0, kMostChecks))
          checks.push_back(read_check(item, subject));
        return checks;
      });
}

}  // namespace ktstr
