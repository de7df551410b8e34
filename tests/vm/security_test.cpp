// SPDX-License-Identifier: Apache-2.0
//
// What a scheduler from anywhere can do to the guest's result, and what it takes into the guest.
#include <gmock/gmock.h>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SecurityVm : public VmCase {
 protected:
  TestRecord run_scheduler(const std::string& binary) {
    return run_one(
        R"({"name": "stranger", "topology": "1n1l2c1t", "duration_ms": 100, "scheduler": {"name": "stranger", "binary": ")" +
            binary + R"("}, "cgroups": [{"name": "g", "workers": 2, "work": {"type": "SpinWait"}}]})",
        {{"deterministic", true}});
  }
};

TEST_F(SecurityVm, NoDoorLeadsToTheMailbox) {
  const TestRecord record = run_scheduler(KTSTR_VM_SCHEDULERS "/burglar");
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  const std::string log(json::parse(record.dump).at("scheduler_log").as_string());
  EXPECT_THAT(log, HasSubstr("burglar: every door is shut"));
  EXPECT_THAT(log, Not(HasSubstr(" is open")));
}

TEST_F(SecurityVm, AScriptRunsInTheGuestAndNowhereElse) {
  const fs::path mark = directory() / "ran-on-the-host";
  std::ofstream(directory() / "wrapper")
      << "#!/bin/sh\n(: > " << mark.string()
      << ") 2>/dev/null\necho a script under $(read -r v < /proc/version; echo \"$v\")\nexit 3\n";
  const TestRecord record = run_scheduler("wrapper");
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(std::string(json::parse(record.dump).at("scheduler_log").as_string()),
              HasSubstr("a script under Linux version"));
  EXPECT_FALSE(fs::exists(mark));
}

}  // namespace
}  // namespace ktstr::vm
