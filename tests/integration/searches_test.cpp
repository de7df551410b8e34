// SPDX-License-Identifier: Apache-2.0
//
// What `ktstr bisect` and `ktstr calibrate` make of things that are missing, with --strict and without.
#include "project.hpp"

namespace ktstr::testing {
namespace {

void with_strict(Arguments& arguments) { arguments.emplace_back("--strict"); }

TEST(Searches, BisectSkipsACommitUnlessStrict) {
  const Project project;
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "build": "test ! -e broken"})");
  const std::string first = project.commit("start");
  project.commit("fine");
  project.write("broken", "");
  const std::string broken = project.commit("does not build");
  project.git({"rm", "-q", "broken"});
  project.commit("builds again");
  project.write("numbers.json", Project::kBad);
  project.commit("worse");
  const std::string culprit = project.git({"rev-parse", "HEAD"});
  Arguments bisect{"bisect", "--good",   first,  "--bad",           "HEAD",           "-E",
                   "=alpha", "--kernel", "6.18", "--deterministic", "--noise-adjust", "2",
                   "--json"};
  const ProgramResult lenient = project.ktstr(bisect);
  EXPECT_EQ(lenient.exit_code, 0) << lenient.out << lenient.err;
  EXPECT_EQ(parsed(lenient).at("first_bad").as_string(), culprit);
  EXPECT_EQ(parsed(lenient).at("strict").as_string(), "");
  with_strict(bisect);
  const ProgramResult strict = project.ktstr(bisect);
  EXPECT_EQ(strict.exit_code, 5) << strict.out << strict.err;
  EXPECT_EQ(parsed(strict).at("first_bad").as_string(), culprit) << "it is told all the same";
  const std::string why(parsed(strict).at("strict").as_string());
  EXPECT_NE(why.find("under --strict nothing may be missing or warned about: skipped " + broken),
            std::string::npos)
      << why;
  bisect.erase(bisect.end() - 2, bisect.end());  // as text, and strict by the project's word
  project.write("ktstr.json",
                R"({"project": "demo", "runner": "fake", "build": "test ! -e broken", "strict": true})");
  const ProgramResult text = project.ktstr(bisect);
  EXPECT_EQ(text.exit_code, 5) << text.out << text.err;
  EXPECT_NE(text.out.find("INCONCLUSIVE: under --strict"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("first bad commit: " + culprit), std::string::npos) << text.out;
}

TEST(Searches, CalibrateDoesWithoutASkippedTestUnlessStrict) {
  const Project project;
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "alpha", "jitter": 0.01}, {"name": "gone", "outcome": "skipped", "message": "no such hardware"}]})");
  project.commit("a test that is skipped");
  Arguments calibrate{"calibrate", "--noise-adjust", "3", "--kernel", "6.18"};
  const ProgramResult lenient = project.ktstr(calibrate);
  EXPECT_EQ(lenient.exit_code, 0) << lenient.out << lenient.err;
  with_strict(calibrate);
  const ProgramResult strict = project.ktstr(calibrate);
  EXPECT_EQ(strict.exit_code, 5) << strict.out << strict.err;
  EXPECT_NE(strict.out.find("INCONCLUSIVE: under --strict nothing may be missing or warned about"),
            std::string::npos)
      << strict.out;
  EXPECT_NE(strict.out.find("policy for stored comparisons"), std::string::npos)
      << "the policy is written all the same\n"
      << strict.out;
}

// What equal runs could have hidden depends on the gate's own level.
TEST(Searches, AHarshLevelSeesLess) {
  const Project project;
  project.write("numbers.json", Project::kBad);
  project.commit("second");
  const auto measured = [&](const char* gate) {
    return project.ktstr({"perf-delta", "--base", "HEAD~1", "--noise-adjust", "3", "--kernel", "6.18",
                          "--json", "-E", "beta", "--least-sight", "90", "--gate", gate});
  };
  const ProgramResult seen = measured("fdr"), dim = measured("fdr::q=1e-6");
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  EXPECT_EQ(parsed(seen).at("sight").at("blind"), 1);
  EXPECT_EQ(dim.exit_code, 5) << dim.err;
  EXPECT_EQ(parsed(dim).at("sight").at("blind"), 2)
      << "1000 iterations, each counted: a change by 10 % hides behind the steps";
}

}  // namespace
}  // namespace ktstr::testing
