// SPDX-License-Identifier: Apache-2.0
#include "analysis/cost.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/golden.hpp"
#include "run_documents.hpp"
#include "show/cost.hpp"
#include "show/flame_graph.hpp"

namespace ktstr {
namespace {

using testing::document;
using testing::foreign_sidecar;
using ::testing::HasSubstr;
using testing::matches_golden;
using ::testing::Not;

json::value row(const char* name, const char* kind, std::uint64_t calls, std::uint64_t insns,
                std::uint64_t own) {
  return json::object{
      {"name", name}, {"kind", kind}, {"calls", calls}, {"insns", insns}, {"self_insns", own}};
}

json::object counted(json::array functions, std::uint64_t insns, bool complete = true) {
  return foreign_sidecar(
      {{"cost",
        json::object{{"insns", insns}, {"complete", complete}, {"functions", std::move(functions)}}}});
}

json::object before() {
  return counted({row("enqueue", "operation", 1000, 412'000, 12'000),
                  row("mine_enqueue", "program", 1000, 400'000, 90'000),
                  row("__schedule", "kernel", 2000, 3'000'000, 500'000), row("gone", "kernel", 1, 10, 10)},
                 8'000'000);
}

json::object after() {
  return counted({row("enqueue", "operation", 1000, 413'000, 12'000),
                  row("mine_enqueue", "program", 1000, 401'000, 91'000),
                  row("__schedule", "kernel", 2001, 3'001'500, 500'250), row("memcpy", "kernel", 0, 77, 77)},
                 8'001'234);
}

CostOutcome outcome(bool compared) {
  TestEntry test;
  test.name = "wakeups";
  test.topology = "1n1l2c1t";
  test.scheduler = "mine";
  CostOutcome result{test, std::nullopt, {"def5678", "6.18-def5678", document(after()), ""}};
  if (compared) result.base = CostSide{"abc1234", ".sessions/x/base-abc1234-0", document(before()), ""};
  return result;
}

TEST(CostTable, HasWhatEitherSideExecuted) {
  const json::object base = before(), head = after();
  const CostTable table = cost_table(&base, head);
  ASSERT_EQ(table.lines.size(), 5U);
  EXPECT_EQ(table.lines[0].kind, CostKind::kOperation);
  EXPECT_EQ(table.lines[1].kind, CostKind::kProgram);
  EXPECT_EQ(table.lines[2].name, "__schedule");
  EXPECT_EQ(table.lines[2].head->calls - table.lines[2].base->calls, 1U);
  EXPECT_EQ(table.lines[3].name, "memcpy");
  EXPECT_FALSE(table.lines[3].base.has_value());
  EXPECT_FALSE(table.lines[4].head.has_value());
}

TEST(CostTable, HostileSidecarsAreReadAsFarAsTheyGo) {
  for (const char* cost :
       {"null", "7", "[]", "{}", R"({"functions": 3})", R"({"functions": [1, {}, {"name": "a"}]})",
        R"({"insns": -5, "complete": 3, "functions": [{"name": "a", "kind": "else", "calls": 1}]})"}) {
    const json::object object{{"cost", json::parse(cost)}};
    const CostTable table = cost_table(&object, object);
    EXPECT_TRUE(table.lines.empty()) << cost;
    EXPECT_EQ(table.head_insns, 0U) << cost;
  }
}

TEST(CostText, OneSideAndTwo) {
  const json::object base = before(), head = after();
  EXPECT_TRUE(matches_golden("stats/cost.txt", cost_text(outcome(false), cost_table(nullptr, head), 5, 0)));
  EXPECT_TRUE(matches_golden("stats/cost_base.txt", cost_text(outcome(true), cost_table(&base, head), 5, 0)));
  EXPECT_TRUE(matches_golden("stats/cost_base.json",
                             to_text(cost_json(outcome(true), cost_table(&base, head))) + "\n"));
}

TEST(CostText, NamesCannotBreakOutAndWhatIsIncompleteSaysSo) {
  const json::object head = counted({row("evil\x1b[2J", "kernel", 1, 2, 2)}, 2, false);
  const std::string text = cost_text(outcome(false), cost_table(nullptr, head), 5, 80);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("warning: there were more ways"));
}

TEST(FlameGraph, IsAsWideAsWhatWasExecuted) {
  const std::string svg = flame_graph("a;b 60\na;c 20\na 20\n", "title");
  EXPECT_TRUE(svg.starts_with("<?xml"));
  EXPECT_THAT(svg, HasSubstr("<title>a: 100 instructions, 100.00 %</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>b: 60 instructions, 60.00 %</title>"));
  EXPECT_THAT(svg, HasSubstr("width=\"828.00\""));
}

TEST(FlameGraph, NamesAreEscapedAndNonsenseIsIgnored) {
  const std::string svg = flame_graph("<script>&\"\x1b 5\nno number\n 5\na;;b x\n\nb 0\n", "<t>");
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;&amp;&quot;"));
  EXPECT_THAT(svg, HasSubstr("&lt;t&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("\x1b")));
  EXPECT_THAT(flame_graph("", "empty"), HasSubstr("</svg>"));
}

TEST(FlameGraph, IsBoundedHoweverDeepAndWideTheStacks) {
  std::string deep, wide;
  for (int i = 0; i < 100'000; ++i) deep += "f;";
  for (int i = 0; i < 100'000; ++i) wide += "f" + std::to_string(i) + " 1\n";
  EXPECT_LT(flame_graph(deep + "g 1\n", "").size(), 200'000U);
  EXPECT_LT(flame_graph(wide, "").size(), 20'000U);
}

}  // namespace
}  // namespace ktstr
