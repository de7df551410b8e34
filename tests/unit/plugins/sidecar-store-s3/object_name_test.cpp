// SPDX-License-Identifier: Apache-2.0
#include "object_name.hpp"

#include <gtest/gtest.h>

#include <ktstr/kit/hash.hpp>
#include <set>

namespace ktstr::s3_store {
namespace {

const std::string kWriter = "01JZ0000000000000000000000", kOther = "01JZ0000000000000000000001";
const std::string kRun = "v1/runs/6.18-abc1234", kPass = "v1/sessions/plan-01JZ/base-0";

TEST(ObjectName, IsReadAsItWasWritten) {
  const auto begin = parse_object_name(
      begin_name(kRun, kWriter, {Mode::kReplace, true, short_hash("inputs"), short_hash("")}));
  ASSERT_TRUE(begin);
  EXPECT_EQ(begin->kind, ObjectKind::kBegin);
  EXPECT_EQ(begin->place, kRun);
  EXPECT_EQ(begin->writer, kWriter);
  EXPECT_EQ(begin->begin.mode, Mode::kReplace);
  EXPECT_TRUE(begin->begin.partial);
  EXPECT_EQ(begin->begin.inputs, kit::sha256_of("inputs").substr(0, 16));
  EXPECT_EQ(begin->begin.session, kNoHash);

  const auto file = parse_object_name(file_name(kPass, kWriter, 7, "job-1/a@b c.ktstr.json"));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->kind, ObjectKind::kFile);
  EXPECT_EQ(file->place, kPass);
  EXPECT_EQ(file->number, 7U);
  EXPECT_EQ(file->name, "job-1/a@b c.ktstr.json");

  EXPECT_EQ(parse_object_name(removed_name(kRun, kWriter, 1'234'567, "x"))->kind, ObjectKind::kRemoved);
  EXPECT_EQ(parse_object_name(removed_name(kRun, kWriter, 1'234'567, "x"))->number, 1'234'567U);
  const auto dropped =
      parse_object_name(dropped_name(kRun, kOther, 3, file_name(kRun, kWriter, 2, "x.ktstr.json")));
  EXPECT_EQ(dropped->kind, ObjectKind::kDropped);
  EXPECT_EQ(dropped->name, kWriter + "/000002/x.ktstr.json");
  EXPECT_EQ(parse_object_name(end_name(kRun, kWriter, true))->kind, ObjectKind::kEnd);
  EXPECT_EQ(parse_object_name("v1/sessions/plan-01JZ/" + kWriter + "/000001/r.report.json")->place,
            "v1/sessions/plan-01JZ");
  EXPECT_EQ(parse_object_name("v1/sessions/plan-01JZ/hold")->kind, ObjectKind::kHold);
}

TEST(ObjectName, IsNothingWhenOthersWroteIt) {
  for (const std::string& name :
       {std::string(), std::string("v1/runs/"), std::string("v2/runs/k/" + kWriter + "/000001/x"),
        kRun + "/x.ktstr.json", kRun + "/" + kWriter, kRun + "/" + kWriter + "/",
        kRun + "/" + kWriter + "/000001", kRun + "/" + kWriter + "/1/x",
        kRun + "/" + kWriter + "/000001/../x", kRun + "/" + kWriter + "/begin/pw",
        kRun + "/" + kWriter + "/begin/xw-" + std::string(kNoHash) + "-" + std::string(kNoHash),
        kRun + "/not-a-writer-not-a-writer-/000001/x", kRun + "/" + kWriter + "/99999999999999999999999/x",
        std::string("v1/sessions/hold"), kRun + "//000001/x"})
    EXPECT_FALSE(parse_object_name(name)) << name;
}

TEST(Writer, SortsByTimeAndBehindWhatIsThere) {
  const std::string early = new_writer(1'000, ""), late = new_writer(2'000, "");
  EXPECT_LT(early, late);
  EXPECT_TRUE(is_writer(early));
  EXPECT_EQ(late.substr(0, 10), "00000001YG") << "2000 ms in base 32";
  std::string last = new_writer(5'000'000'000'000, "");
  for (int i = 0; i < 100; ++i) {
    const std::string next = new_writer(1'000, last);  // a clock that is far behind
    EXPECT_LT(last, next);
    EXPECT_TRUE(is_writer(next));
    last = next;
  }
  std::set<std::string> drawn;
  for (int i = 0; i < 1000; ++i) drawn.insert(new_writer(1'000, ""));
  EXPECT_EQ(drawn.size(), 1000U);
}

}  // namespace
}  // namespace ktstr::s3_store
