// SPDX-License-Identifier: Apache-2.0
//
// A table that other programs read: by python's csv and with DuckDB's rules, whatever names are called.
#include <gmock/gmock.h>

#include <set>

#include "project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Export : public ::testing::Test {
 protected:
  /// The rows as python's csv reads them, strictly: [{"run": …}].
  json::value read(const std::string& csv) const {
    project.tree.write("table.csv", csv);
    const char* program =
        "import csv, json, sys\n"
        "rows = list(csv.DictReader(open(sys.argv[1], newline='', encoding='utf-8'), strict=True))\n"
        "assert all(None not in row and None not in row.values() for row in rows), 'a line of another "
        "length'\n"
        "[float(row['value']) for row in rows]\n"
        "print(json.dumps(rows))\n";
    return parsed(run_program({{"python3", "-c", program, (project.tree / "table.csv").string()},
                               {},
                               {},
                               false,
                               {},
                               {},
                               std::chrono::seconds(60)}));
  }

  Project project;
};

TEST_F(Export, HasALineForEachMetric) {
  project.two_commits();
  const ProgramResult exported = project.ktstr({"export", "--csv"});
  EXPECT_EQ(exported.exit_code, 0) << exported.err;
  EXPECT_THAT(
      exported.out,
      StartsWith("run,test,topology,scheduler,work_type,kernel,kernel_commit,project_commit,timestamp,"
                 "outcome,performance_mode,source,metric,value,unit,polarity\r\n"));
  const json::value rows = read(exported.out);
  std::map<std::string, double> gaps;
  for (const json::value& row : rows.as_array()) {
    if (row.at("test") != "alpha" || row.at("metric") != "worst_gap_ms") continue;
    gaps[std::string(row.at("project_commit").as_string())] =
        std::stod(std::string(row.at("value").as_string()));
    EXPECT_EQ(row.at("unit"), "ms");
    EXPECT_EQ(row.at("polarity"), "lower");
    EXPECT_EQ(row.at("kernel"), "6.18.2");
    EXPECT_EQ(row.at("outcome"), "passed");
  }
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_NEAR(gaps.at(project.git({"rev-parse", "--short=7", "HEAD"})), 2000, 100);

  EXPECT_EQ(project.ktstr({"export", "--csv", "--output", "m.csv", "-E", "=alpha"}).exit_code, 0);
  const json::value chosen = read(project.tree.read("project/m.csv"));
  for (const json::value& row : chosen.as_array()) EXPECT_EQ(row.at("test"), "alpha");
  EXPECT_EQ(project.ktstr({"export", "--csv", "--dir", "target/ktstr"}).exit_code, 0);
}

TEST_F(Export, IsSafeWhateverNamesAreCalled) {
  const std::string hostile[] = {"=HYPERLINK(\"http://x\",\"y\")",
                                 "+1+1",
                                 "@SUM(A1)",
                                 "a,b",
                                 "line\nbreak",
                                 "\x1b[2Jescape",
                                 "say \"hi\"",
                                 " margin ",
                                 "\xC3\xA9t\xC3\xA9"};
  int number = 0;
  for (const std::string& name : hostile) {
    const json::object sidecar{{"test_name", name},
                               {"topology", "1n1l1c1t"},
                               {"scheduler", name},
                               {"work_type", "w"},
                               {"passed", true},
                               {"skipped", false},
                               {"stats", {{"worst_gap_ms", -1.5}}},
                               {"kernel_version", "6.18.2"},
                               {"project_commit", "abc1234"},
                               {"timestamp", "2026-01-02T03:04:05Z"}};
    project.write("target/ktstr/6.18.2-abc1234/t" + std::to_string(number++) + ".ktstr.json",
                  json::serialize(sidecar));
  }
  const ProgramResult exported = project.ktstr({"export", "--csv"});
  EXPECT_EQ(exported.exit_code, 0) << exported.err;
  EXPECT_THAT(exported.out, Not(HasSubstr("\x1b")));
  std::set<std::string> names;
  const json::value rows = read(exported.out);
  for (const json::value& row : rows.as_array()) {
    names.emplace(row.at("test").as_string());
    EXPECT_EQ(row.at("value"), "-1.5") << "a number stays one";
  }
  EXPECT_THAT(names,
              ElementsAre(" margin ", "'+1+1", "'=HYPERLINK(\"http://x\",\"y\")", "'@SUM(A1)",
                          "\\x1b[2Jescape", "a,b", "line\\x0abreak", "say \"hi\"", "\xC3\xA9t\xC3\xA9"));
}

TEST_F(Export, IsThereAsAWholeOrNotAtAll) {
  project.two_commits();
  expect_error(project.ktstr({"export"}), 2, {"--csv"});
  expect_error(project.ktstr({"export", "--csv", "--output", "missing/m.csv"}), 3,
               {"cannot write", "missing/m.csv"});
  project.write("m.csv", "before");
  expect_error(project.ktstr({"export", "--csv", "--output", "m.csv", "--dir", "/nonexistent"}), 2,
               {"is no directory"});
  EXPECT_EQ(project.tree.read("project/m.csv"), "before");
  for (const auto& entry : fs::directory_iterator(project.directory()))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".ktstr-tmp")));
  const ProgramResult piped =
      run_program({{"sh", "-c", std::string(KTSTR_BINARY) + " export --csv -o /dev/stdout | head -1"},
                   project.program({}).environment,
                   {},
                   true,
                   project.directory().string(),
                   {},
                   std::chrono::seconds(60)});
  EXPECT_THAT(piped.out, StartsWith("run,test,"));
}

}  // namespace
}  // namespace ktstr::testing
