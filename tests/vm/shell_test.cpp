// SPDX-License-Identifier: Apache-2.0
//
// `ktstr shell` and `ktstr verifier` on real guests, with the demo project.
#include "demo_project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;

class GuestShell : public Demo {};

TEST_F(GuestShell, ACommandRunsWhereATestWould) {
  const ProgramResult result = ktstr(
      {"shell", "pipes_and_batch", "--kernel", kernel_, "--exec",
       "nproc; uname -s; test -x ${KTSTR_SCHEDULER%% *} && echo at hand; cat /sys/kernel/sched_ext/state; "
       "echo gone wrong >&2; exit 7"});
  EXPECT_EQ(result.exit_code, 7) << result.err;
  EXPECT_EQ(result.out, "2\nLinux\nat hand\ndisabled\n");
  EXPECT_THAT(result.err, HasSubstr("gone wrong"));
}

TEST_F(GuestShell, ATerminalOfItsOwn) {
  // script(1) gives it a terminal; what is typed waits until the shell is there.
  const std::string line =
      std::string("printf 'echo six by $((3 * 2)); tty; stty size; exit 5\\r' | script -qec '") +
      KTSTR_BINARY + " shell --topology 1n1l1c1t --kernel " + kernel_ + "' /dev/null";
  const ProgramResult result = run({"sh", "-c", line}, project());
  EXPECT_EQ(result.exit_code, 5) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("Ctrl-A x ends"));
  EXPECT_THAT(result.out, HasSubstr("six by 6"));
  EXPECT_THAT(result.out, HasSubstr("/dev/ttyS1"));
  EXPECT_THAT(result.out, HasSubstr("24 80"));
}

TEST_F(GuestShell, TheVerifierOfAKernel) {
  const ProgramResult good = ktstr({"verifier", "demo_sched", "--kernel", kernel_, "--json"});
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  const json::value told = json::parse(good.out);
  const json::value& scheduler = told.at("kernels").at(0).at("schedulers").at(0);
  EXPECT_EQ(scheduler.at("loaded"), true);
  EXPECT_GT(scheduler.at("programs").as_array().size(), 1U);
  EXPECT_GT(scheduler.at("programs").at(0).at("verified_insns").to_number<int>(), 0);
  const ProgramResult bad = ktstr({"verifier", "/bin/true", "--kernel", kernel_});
  EXPECT_EQ(bad.exit_code, 1) << bad.out << bad.err;
  EXPECT_THAT(bad.out, HasSubstr("/bin/true does not load on"));
}

}  // namespace
}  // namespace ktstr::testing
