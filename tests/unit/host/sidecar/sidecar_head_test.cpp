// SPDX-License-Identifier: Apache-2.0
#include "sidecar/sidecar_head.hpp"

#include <gtest/gtest.h>

#include "sidecar/field.hpp"

namespace ktstr {
namespace {

constexpr const char* kRequired =
    R"("test_name":"t","topology":"1n1l1c1t","scheduler":"s","work_type":"w","passed":true,"skipped":false,"stats":{})";
std::string with(const std::string& more) {
  return std::string("{") + kRequired + (more.empty() ? "" : ",") + more + "}";
}

/// Both readers must say the same of any text: the same head, or the same refusal.
void expect_agreement(const std::string& text) {
  static const MetricRegistry metrics;
  SidecarHeadReader reader;
  std::string copy = text;
  const auto head = reader.read(copy, [] { return std::string("f"); });
  const auto record = read_sidecar(text, "f", metrics);
  ASSERT_EQ(static_cast<bool>(head), static_cast<bool>(record)) << text.substr(0, 300);
  if (record) {
    EXPECT_EQ(*head, SidecarHead(*record)) << text.substr(0, 300);
  } else {
    EXPECT_EQ(head.error().message, record.error().message);
  }
}

TEST(SidecarHead, EveryMemberIsARowOfTheTable) {
  SidecarHead head;
  std::size_t bytes = sizeof head.kernel;  // made of two others
  each_head_field(head, [&](const auto& member) { bytes += sizeof member; });
  EXPECT_EQ(bytes, sizeof head);
}

TEST(SidecarHead, ReadsWhatTheRecordReads) {
  const std::string full = with(
      R"("kernel_version":"6.18.2","project_commit":"abc1234-dirty","kernel_commit":null,"run_source":"ci","resolve_source":"path",
    "timestamp":"2026-01-01T00:00:00Z","host":{"arch":"x86_64"},"perf_delta":{"side":"head","block":3,"slot":1},"cpu_budget":4)");
  SidecarHeadReader reader;
  std::string text = full;
  const auto head = reader.read(text, [] { return std::string("f"); });
  ASSERT_TRUE(head);
  EXPECT_EQ(head->project_commit, "abc1234-dirty");
  EXPECT_EQ(head->arch, "x86_64");
  EXPECT_EQ(head->block, 3U);
  EXPECT_EQ(head->cpu_budget, 4);
  expect_agreement(full);
}

TEST(SidecarHead, AgreesOnWhateverAFileMayHold) {
  for (const std::string& text : {with(""),
                                  std::string(),
                                  std::string("{"),
                                  std::string("[]"),
                                  std::string("null"),
                                  std::string("{}"),
                                  with("") + " ",
                                  with("") + "x",
                                  "\xEF\xBB\xBF" + with(""),
                                  with(R"("test_name":"second")"),
                                  with(R"("test_name":1)"),
                                  with(R"("passed":1)"),
                                  with(R"("stats":[])"),
                                  with(R"("stats":{},"stats":3)"),
                                  with(R"("project_commit":"a","project_commit":null)"),
                                  with(R"("host":{"arch":"a"},"host":null)"),
                                  with(R"("host":{"arch":"a","arch":"b"})"),
                                  with(R"("perf_delta":{"block":-1})"),
                                  with(R"("perf_delta":{"block":1.0})"),
                                  with(R"("perf_delta":{"block":1,"block":"x"})"),
                                  with(R"("perf_delta":7)"),
                                  with(R"("cpu_budget":1000001)"),
                                  with(R"("cpu_budget":1e3)"),
                                  with(R"("cpu_budget":18446744073709551615)"),
                                  with(R"("x":1e999)"),
                                  with(R"("x":-1e999)"),
                                  with(R"("x":123456789012345678901234567890)"),
                                  with(R"("x":NaN)"),
                                  with(R"("x":Infinity)"),
                                  with(R"("x":1e-999)"),
                                  with(R"("x":0e997901234567890)"),
                                  with(R"("x":1e997901234567890)"),
                                  with(R"("x":-1.5E-997901234567890,"y":["1e997901234567890"])"),
                                  with(R"("x":1e99790123456789x)"),
                                  with("\"x\":\"\xff\""),
                                  with("\"x\":\"a\nb\""),
                                  with(R"("x":"\u0000\ud83d\ude00")"),
                                  with(R"("x":"\ud83d")"),
                                  with(R"("\u0074est_name":"escaped key")"),
                                  with("\"x\":" + std::string(62, '[') + std::string(62, ']')),
                                  with("\"x\":" + std::string(63, '[') + std::string(63, ']')),
                                  with("\"x\":" + std::string(64, '[') + std::string(64, ']')),
                                  std::string(100'000, '['),
                                  with("\"x\":" + std::string(100'000, '[') + std::string(100'000, ']')),
                                  with(R"("schema_version":1)"),
                                  with(R"("schema_version":2)"),
                                  with(R"("schema_version":0)"),
                                  with(R"("schema_version":"1")"),
                                  with(R"("schema_version":null)"),
                                  with(R"("test_name":"a\nb\u001b[31m/../c")")}) {
    expect_agreement(text);
  }
}

TEST(SidecarHead, EveryPartOfASidecarIsRefusedLikeTheRecord) {
  const std::string text = with(R"("host":{"arch":"x86_64"},"x":[1.5,"é",true])");
  for (std::size_t length = 0; length < text.size(); ++length) expect_agreement(text.substr(0, length));
}

}  // namespace
}  // namespace ktstr
