// SPDX-License-Identifier: Apache-2.0
//
// What Slurm's tools print, as seen of 22.05.
#include "slurm_tools.hpp"

#include <gtest/gtest.h>
#include <ktstr/abi/base.h>

namespace ktstr::slurm {
namespace {

TEST(SlurmTools, AQueueIsRead) {
  const auto rows = parse_queue(
      "5|PENDING||Resources\n4|RUNNING|kn2|None\n2|COMPLETED|kn1|None\n0|PENDING|kn2|ReqNodeNotAvail, "
      "UnavailableNodes:kn2\n1|NODE_FAIL|kn2|None\n3|REQUEUED||(null)\n",
      6);
  ASSERT_EQ(rows.size(), 6U);
  EXPECT_EQ(rows[0].index, 5U);
  EXPECT_EQ(rows[0].state, TaskState::kWaiting);
  EXPECT_EQ(rows[0].reason, "Resources");
  EXPECT_EQ(rows[1].state, TaskState::kRunning);
  EXPECT_EQ(rows[1].node, "kn2");
  EXPECT_EQ(rows[1].reason, "");
  EXPECT_EQ(rows[2].state, TaskState::kEnded);
  EXPECT_EQ(rows[3].reason, "ReqNodeNotAvail, UnavailableNodes:kn2");
  EXPECT_EQ(rows[4].word, "NODE_FAIL");
  EXPECT_EQ(rows[5].state, TaskState::kWaiting);
}

TEST(SlurmTools, LinesOfNoTaskAreLeftOut) {
  EXPECT_TRUE(parse_queue("", 3).empty());
  EXPECT_TRUE(parse_queue("3|RUNNING|kn1|None\n", 3).empty());
  EXPECT_TRUE(
      parse_queue("N/A|RUNNING|kn1|None\n-1|RUNNING|kn1|None\n1|RUNNING|kn1\n1x|RUNNING|kn1|None\n", 3)
          .empty());
  EXPECT_TRUE(parse_queue("99999999999999|RUNNING|kn1|None\n", 3).empty());
  const auto rows = parse_queue("0|SOMETHING_NEW|kn1|\x1b[31mred\n", 3);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].state, TaskState::kWaiting);
  EXPECT_EQ(rows[0].reason, "\\x1b[31mred");
}

TEST(SlurmTools, AJobHasANumber) {
  EXPECT_EQ(parse_job_id("123\n"), "123");
  EXPECT_EQ(parse_job_id("123;cluster\n"), "123");
  EXPECT_EQ(parse_job_id("sbatch: a lua plugin says hello\n77\n"), "77");
  for (const char* text : {"", "Submitted batch job 12", "-1", "12345678901"})
    EXPECT_THROW(parse_job_id(text), sdk::Error) << text;
}

TEST(SlurmTools, ComplaintsAreOneLine) {
  EXPECT_EQ(complaint_of("sbatch: error: invalid partition specified: foo\n"
                         "sbatch: error: Batch job submission failed: Invalid partition name specified\n"),
            "Batch job submission failed: Invalid partition name specified");
  EXPECT_EQ(complaint_of("slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n"),
            "slurm_load_jobs error: Unable to contact slurm controller (connect failure)");
  EXPECT_EQ(complaint_of("\n"), "");
}

TEST(SlurmTools, SecretsAreKnownByTheirNames) {
  const std::vector<std::string> secrets = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                            "CI_JOB_TOKEN", "PGPASSWORD"};
  std::vector<std::string> variables = {"PATH=/bin", "HOME=/home/token", "KTSTR_KERNEL=SECRET",
                                        "KEYBOARD=us"};
  for (const std::string& name : secrets) variables.push_back(name + "=x");
  EXPECT_EQ(secret_names(variables), secrets);
}

TEST(SlurmTools, AFailedSubmissionMayHaveMadeAJob) {
  EXPECT_FALSE(may_have_submitted({KTSTR_UNAVAILABLE, "sbatch: Unable to contact slurm controller"}));
  EXPECT_FALSE(may_have_submitted({KTSTR_UNAVAILABLE, "cannot start sbatch: No such file or directory"}));
  EXPECT_TRUE(may_have_submitted(
      {KTSTR_UNAVAILABLE, "sbatch: Batch job submission failed: Socket timed out on send/recv operation"}));
  EXPECT_TRUE(may_have_submitted({KTSTR_UNAVAILABLE, "sbatch did not end within 60 s"}));
  EXPECT_TRUE(may_have_submitted({KTSTR_BAD_DATA, "sbatch: expected a job's number"}));
}

}  // namespace
}  // namespace ktstr::slurm
