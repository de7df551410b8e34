// SPDX-License-Identifier: Apache-2.0
#include "plugin/wire.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace ktstr {
namespace {

ktstr_str text(std::string_view from) { return {from.data(), from.size()}; }

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// One with every pointer that there is, and numbers that no text would keep.
struct Everything {
  Everything() {
    odd[0] = std::nan("0x1234");
    baseline.values = odd;
    head.values = odd;
    head.seeds = numbers;
    comparison.scenario = &scenario;
    comparison.baseline = &baseline;
    comparison.head = &head;
    comparison.history = &history;
    row.comparison = &comparison;
    row.verdict = &verdict;
    row.opinions = opinions;
    row.opinion_count = 1;
    row.test = &test;
  }
  double odd[4] = {0, -0.0, std::numeric_limits<double>::denorm_min(),
                   -std::numeric_limits<double>::infinity()};
  std::uint64_t numbers[4] = {1, UINT64_MAX, 0, 7};
  ktstr_samples baseline{sizeof baseline, 0, 4, nullptr, nullptr, nullptr};
  ktstr_samples head{sizeof head, 0, 3, nullptr, nullptr, nullptr};
  ktstr_scenario scenario{
      sizeof scenario, 0, text(std::string_view("a\0b", 3)), text("\xff"), text(""), {nullptr, 0}, text("k")};
  ktstr_history history{sizeof history, 0, 0.1, 2, 3, 4, 5};
  ktstr_comparison comparison{sizeof comparison, 1,       2, 4, nullptr, text("gap"), text("ms"), 1, 0.1,
                              nullptr,           nullptr, 3, 4, nullptr, 5,           text("{}")};
  ktstr_verdict verdict{sizeof verdict, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0.5, "worse"};
  ktstr_gate_opinion opinion{sizeof opinion, 0, text("welch"), &verdict};
  const ktstr_gate_opinion* opinions[1] = {&opinion};
  ktstr_test_entry test{sizeof test, 1, text("t"), {}, {}, {}, {}, 9, {}, {}, {}, text("inputs")};
  ktstr_report_row row{sizeof row, 1,       2,  0,         nullptr,   nullptr,   nullptr,
                       0,          nullptr, 12, text("m"), text("l"), text("{}")};
};

std::string bytes_of(const ktstr_report_row& row) {
  WireOut out;
  put(out, row);
  return out.take();
}

TEST(Wire, KeepsEveryBit) {
  const Everything sent;
  const std::string bytes = bytes_of(sent.row);
  WireIn in(bytes);
  Received received;
  const ktstr_report_row& row = *received.row(in);
  ASSERT_TRUE(in.fine());
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(same_bits(row.comparison->baseline->values[i], sent.odd[i])) << i;
  EXPECT_EQ(row.comparison->baseline->blocks, nullptr);
  EXPECT_EQ(row.comparison->head->seeds[1], UINT64_MAX);
  EXPECT_EQ(row.comparison->scenario->test.len, 3U);
  EXPECT_EQ(std::memcmp(row.comparison->scenario->test.ptr, "a\0b", 3), 0);
  EXPECT_EQ(row.comparison->history->sessions, 5U);
  EXPECT_STREQ(row.opinions[0]->verdict->text, "worse");
  EXPECT_EQ(std::string(row.test->inputs.ptr, row.test->inputs.len), "inputs");
  EXPECT_EQ(bytes_of(row).size(), bytes.size());
}

TEST(Wire, RowsComeBackTogether) {
  const Everything first, second;
  const ktstr_report_row* const rows[] = {&first.row, &second.row};
  WireOut out;
  put(out, rows);
  const std::string bytes = out.take();
  WireIn in(bytes);
  Received received;
  const std::vector<const ktstr_report_row*> back = received.rows(in);
  ASSERT_TRUE(in.fine());
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(bytes_of(*back[1]).size(), bytes_of(first.row).size());
  EXPECT_STREQ(back[1]->opinions[0]->verdict->text, "worse");
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    WireIn cut(std::string_view(bytes).substr(0, length));
    Received some;
    some.rows(cut);
    ASSERT_FALSE(cut.fine()) << length;
  }
}

TEST(Wire, WhatIsCutOffIsTold) {
  const std::string bytes = bytes_of(Everything().row);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    WireIn in(std::string_view(bytes).substr(0, length));
    Received received;
    received.row(in);
    ASSERT_FALSE(in.fine()) << length;
  }
}

TEST(Wire, ALengthThatIsNotThereIsTold) {
  WireOut out;
  out.raw(UINT64_MAX);
  const std::string bytes = out.take();
  WireIn in(bytes);
  EXPECT_EQ(in.text(), "");
  EXPECT_FALSE(in.fine());
  std::vector<double> values;
  WireOut array;
  array.raw(std::uint8_t{1});
  const std::string announced = array.take();
  WireIn nothing(announced);
  EXPECT_FALSE(nothing.array(values, UINT64_MAX / 8 + 2));
  EXPECT_FALSE(nothing.fine());
}

}  // namespace
}  // namespace ktstr
