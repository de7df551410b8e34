// SPDX-License-Identifier: Apache-2.0
#include "delta/gate_score.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>

#include "framework/run_program.hpp"
#include "framework/temp_tree.hpp"
#include "show/gate_scores.hpp"

namespace ktstr {
namespace {

using ::testing::HasSubstr;

/// Calls a metric regressed when its mean grew by the relative gate.
class MeansGate : public GatePort {
 public:
  explicit MeansGate(std::string name) : name_(std::move(name)) {}
  const std::string& name() const override { return name_; }
  std::uint32_t min_samples() const override { return 2; }
  std::uint32_t capabilities() const override { return 0; }
  Result<std::vector<ktstr_verdict>> evaluate(
      const std::vector<const ktstr_comparison*>& comparisons) override {
    std::vector<ktstr_verdict> out;
    for (const ktstr_comparison* c : comparisons) {
      ktstr_verdict v{};
      v.size = sizeof v;
      v.statistic = v.df = v.p_value = v.q_value = v.ci_low = v.ci_high = v.mde =
          std::numeric_limits<double>::quiet_NaN();
      v.ratio = c->head_estimate / c->baseline_estimate;
      v.outcome = name_ == "never" || v.ratio < 1 + c->rel_gate ? KTSTR_UNCHANGED : KTSTR_REGRESSED;
      out.push_back(v);
    }
    return out;
  }

 private:
  std::string name_;
};

class FakeGates : public PluginProvider {
 public:
  Result<std::unique_ptr<StorePort>> make_store(const std::string&, const Creation&) override {
    return plugin_error("no store");
  }
  Result<std::unique_ptr<RunnerPort>> make_runner(const std::string&, const Creation&) override {
    return plugin_error("no runner");
  }
  Result<std::unique_ptr<BaselinePort>> make_baseline(const std::string&, const Creation&) override {
    return plugin_error("no baseline");
  }
  Result<std::unique_ptr<ReporterPort>> make_reporter(const std::string&, const Creation&) override {
    return plugin_error("no reporter");
  }
  Result<std::unique_ptr<GatePort>> make_gate(const std::string& name, const Creation& creation) override {
    asked.push_back(name + creation.options_json);
    if (name == "unknown") return usage_error("there is no gate \"unknown\"");
    return std::unique_ptr<GatePort>(std::make_unique<MeansGate>(name));
  }
  std::vector<std::string> asked;
};

std::string family(const std::string& name, const std::string& kind, const std::string& order,
                   const std::string& truth, const std::string& head) {
  return R"({"family":")" + name + R"(","source":"made-up","kind":")" + kind + R"(","order":")" + order +
         R"(","metrics":[{"name":"m","truth":")" + truth + R"(","a":[100,100,100],"b":)" + head + "}]}\n";
}

class GateScore : public ::testing::Test {
 protected:
  Result<GateScores> score(const std::vector<std::string>& teams, bool rows = false) {
    request.teams.clear();
    for (const std::string& team : teams) request.teams.push_back(*parse_gate_team(team));
    request.rows = rows;
    const AppContext context{environment,
                             config,
                             gates,
                             kernels,
                             cancelled,
                             [](auto) {},
                             [this](const std::string& line) { warnings.push_back(line); },
                             [](const auto&) {}};
    return score_gates(context, request);
  }

  testing::TempTree tree;
  Environment environment;
  Config config;
  KernelCatalogue kernels{std::filesystem::path()};
  FakeGates gates;
  std::atomic<bool> cancelled{false};
  std::vector<std::string> warnings;
  GateScoreRequest request{{}, {}, 3, 5, true, false};
};

const std::string kCorpus = family("quiet", "AA", "ABBA", "null", "[101,100,99]") +
                            family("wolf", "AA", "ABBA", "null", "[110,110,110]") + "\n" +
                            family("found", "AB", "ABBA", "regress", "[120,120,120]") +
                            family("missed", "AB", "ABBA", "regress", "[102,102,102]") +
                            family("other", "AB", "ABBA", "other", "[130,130,130]") +
                            family("day", "AA", "cached-next-day", "null", "[100,100,100]");

TEST_F(GateScore, CountsFalseAlarmsAndFinds) {
  request.file = tree.write("corpus.jsonl", kCorpus);
  const auto scores = score({"means"});
  ASSERT_TRUE(scores) << scores.error().message;
  ASSERT_EQ(scores->teams.size(), 1u);
  const SourceScore& abba = scores->teams[0].sources.at({"made-up", "ABBA"});
  EXPECT_EQ(abba.false_red.k, 1u);
  EXPECT_EQ(abba.false_red.n, 2u);
  EXPECT_EQ(abba.recall.k, 1u);
  EXPECT_EQ(abba.recall.n, 2u) << "\"other\" is not scored";
  EXPECT_EQ(abba.red_families.k, 2u);
  EXPECT_EQ(abba.red_families.n, 3u);
  const std::string json = to_text(gate_scores_json(*scores, request), 0);
  EXPECT_THAT(
      json,
      HasSubstr(
          R"("name":"means","n":3,"rel":5.0,"sources":[{"source":"made-up","order":"ABBA","aa_families":2,"false_red":0.5,)"
          R"("regress_metrics":2,"recall":0.5,"ab_families":3,"red_families":2,)"));
  EXPECT_THAT(
      json,
      HasSubstr(
          R"("order":"cached-next-day","aa_families":1,"false_red":0.0,"regress_metrics":0,"recall":null)"));
  EXPECT_THAT(gate_scores_text(*scores, request), HasSubstr("1 of 2"));
}

TEST_F(GateScore, UnpacksGzip) {
  tree.write("corpus.jsonl", kCorpus);
  testing::Program gzip;
  gzip.argv = {"gzip", (tree.path() / "corpus.jsonl").string()};
  ASSERT_EQ(testing::run_program(gzip).exit_code, 0);
  request.file = tree.path() / "corpus.jsonl.gz";
  const auto scores = score({"means"});
  ASSERT_TRUE(scores) << scores.error().message;
  EXPECT_EQ(scores->teams[0].sources.size(), 2u);
}

TEST_F(GateScore, GatesOfATeamMustAgree) {
  request.file = tree.write("corpus.jsonl", kCorpus);
  const auto scores = score({"means", "means::x=1e+3+never"}, true);
  ASSERT_TRUE(scores) << scores.error().message;
  EXPECT_EQ(gates.asked, (std::vector<std::string>{"means{}", "means{\"x\":1000.0}", "never{}"}));
  EXPECT_EQ(scores->teams[1].sources.at({"made-up", "ABBA"}).red_families.k, 0u);
  EXPECT_EQ(
      scores->rows.substr(0, scores->rows.find('\n')),
      R"({"gate":"means","family":"quiet","metric":"m","outcome":"unchanged","statistic":null,"df":null,"p_value":null,"q_value":null,"ratio":1.0,)"
      R"("ci_low":null,"ci_high":null,"mde":null,"text":""})");
  EXPECT_EQ(std::count(scores->rows.begin(), scores->rows.end(), '\n'), 12);
}

TEST_F(GateScore, WrongInputIsOneLine) {
  request.file =
      tree.write("corpus.jsonl", family("a", "AA", "ABBA", "null", "[1,2,3]") + "{\"family\": 3}\n");
  EXPECT_THAT(score({"means"}).error().message, HasSubstr("corpus.jsonl: line 2: family: expected a string"));
  request.file = tree.write("empty.jsonl", "\n\n");
  EXPECT_THAT(score({"means"}).error().message, HasSubstr("holds no family"));
  request.file = tree.path() / "missing.jsonl";
  EXPECT_THAT(score({"means"}).error().message, HasSubstr("cannot read"));
  request.file = tree.path();
  EXPECT_THAT(score({"means"}).error().message, HasSubstr("not a regular file"));
  request.file =
      tree.write("cut.jsonl.gz", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae", 12));
  EXPECT_THAT(score({"means"}).error().message, HasSubstr("cannot read"));
  EXPECT_THAT(score({"unknown"}).error().message, HasSubstr("there is no gate"));
  EXPECT_FALSE(parse_gate_team(""));
}

TEST_F(GateScore, WarnsWhenAGateGetsTooFewRuns) {
  request.file = tree.write("corpus.jsonl", kCorpus);
  ASSERT_TRUE(score({"means"}));
  EXPECT_TRUE(warnings.empty());
  request.runs = 1;
  ASSERT_TRUE(score({"means"}));
  EXPECT_EQ(warnings, std::vector<std::string>{"gate means needs 2 runs a side and gets 1"});
}

// Wilson's interval for 1 of 10, as in Newcombe, Statistics in Medicine 17 (1998).
TEST(Share, WilsonsInterval) {
  const auto [low, high] = Share{1, 10}.interval();
  EXPECT_NEAR(low, 0.01787621, 1e-8);
  EXPECT_NEAR(high, 0.40415003, 1e-8);
  EXPECT_EQ((Share{0, 11}).interval().first, 0);
  EXPECT_EQ((Share{11, 11}).interval().second, 1);
  EXPECT_TRUE(std::isnan(Share{}.interval().first));
}

}  // namespace
}  // namespace ktstr
