// SPDX-License-Identifier: Apache-2.0
//
// What --json prints is a document of `ktstr help documents`: it says so itself, and its schema is installed.
// Each is printed here by the command of its row.
#include <algorithm>
#include <set>
#include <sstream>

#include "project.hpp"

namespace ktstr::testing {
namespace {

struct Listed {
  std::string name;
  std::vector<std::string> commands;  ///< words behind "ktstr"
};

/// Two commits with sidecars of both, two kernels, a test that fails, and labelled measurements.
class Documents : public ::testing::Test {
 protected:
  Documents() {
    project.write("tests/all.json", R"js({"tests": [{"name": "alpha", "metrics_file": "numbers.json"},
      {"name": "bad", "outcome": "failed", "message": "it stalled"},
      {"name": "gamma", "demands": "[{\"name\": \"max_gap_ms\", \"limit\": 500, \"from\": \"test\"}]"},
      {"name": "wakeups", "metrics_file": "cost.json", "artifacts": ["cost.folded"], "scheduler": "mine"}]})js");
    project.write("cost.json", R"({"cost.insns": 1000000})");
    project.commit("what is measured");
    project.ktstr({"test"});
    project.write("numbers.json", Project::kBad);
    run = "6.18.2-" + project.commit("worse");
    project.ktstr({"test"});
    project.tree.write("old", fake_bzimage("6.17.1 (a@b) #1 SMP"));
    project.ktstr({"kernel", "add", "../old"});
    project.write("families.jsonl", R"({"name":"f","source":"made-up","kind":"AA","order":"ABBA","metrics":)"
                                    R"([{"name":"m","truth":"null","a":[100,101,99],"b":[101,100,99]}]})"
                                    "\n");
  }

  std::vector<Listed> listed() const {
    std::vector<Listed> rows;
    std::istringstream table(project.ktstr({"help", "documents"}).out);
    std::string line;
    std::getline(table, line);  // the header
    const std::regex columns(R"((\S+)  +(ktstr .*?)  +.*)");
    for (std::smatch match; std::getline(table, line) && std::regex_match(line, match, columns);) {
      rows.push_back({match[1], {}});
      const std::string commands = match[2];
      const std::regex one(R"(ktstr ([^,]+))");
      for (std::sregex_iterator it(commands.begin(), commands.end(), one), end; it != end; ++it)
        rows.back().commands.push_back((*it)[1]);
    }
    return rows;
  }

  /// A command line that prints each.
  std::map<std::string, Arguments> lines() const {
    const std::string plugin = "../data/ktstr/plugins/v1/fixture-fake-runner.ktstr-plugin.json";
    return {{"test_run", {"test", "alpha", "bad"}},
            {"test-list", {"test", "--dry-run"}},
            {"affected", {"affected", "--base", "HEAD~1"}},
            {"verifier", {"verifier", "good", "bad"}},
            {"doctor", {"doctor"}},
            {"perf_delta", {"perf-delta", "--base", "HEAD~1"}},
            {"gate-score", {"gate", "score", "families.jsonl"}},
            {"calibrate", {"calibrate", "--noise-adjust", "2", "--kernel", "6.18", "-E", "=gamma"}},
            {"bisect",
             {"bisect", "--good", "HEAD~1", "--bad", "HEAD", "alpha", "--kernel", "6.18", "--noise-adjust",
              "2", "--deterministic"}},
            {"matrix",
             {"matrix", "alpha", "--kernel", "6.17", "--kernel", "6.18", "--repeat", "2", "--deterministic"}},
            {"explore", {"explore", "gamma", "--seeds", "1..3", "--vary", "work", "--kernel", "6.18"}},
            {"cost", {"cost", "wakeups", "--base", "HEAD~1", "--kernel", "6.18"}},
            {"stats", {"stats"}},
            {"stats-list", {"stats", "list"}},
            {"stats-list-values", {"stats", "list-values"}},
            {"stats-list-metrics", {"stats", "list-metrics"}},
            {"stats-show-host", {"stats", "show-host", "--run", run}},
            {"stats-host-delta", {"stats", "show-host", "--run", run, "--against", run}},
            {"stats-explain-sidecar", {"stats", "explain-sidecar", "--run", run}},
            {"show", {"show", run}},
            {"show-test", {"show", run, "bad"}},
            {"show-thresholds", {"show-thresholds"}},
            {"runs-list", {"runs", "list"}},
            {"runs-prune", {"runs", "prune", "--keep", "0", "--dry-run"}},
            {"store-copy", {"store", "copy", "fs", "./copies"}},
            {"kernel-list", {"kernel", "list"}},
            {"kernel", {"kernel", "add", "../bzImage", "--name", "other"}},
            {"locks", {"locks"}},
            {"plugin-list", {"plugin", "list"}},
            {"plugin-info", {"plugin", "info", "welch"}},
            {"plugin-check", {"plugin", "check", plugin, "--case", "library"}},
            {"plugin-check-cases", {"plugin", "check", "--list"}},
            {"plugin-fuzz", {"plugin", "check", plugin, "--fuzz", "0.2"}},
            {"config-show", {"config", "show"}}};
  }

  Project project;
  std::string run;
};

TEST_F(Documents, EachIsWhatItsSchemaSays) {
  const auto lines_of = lines();
  std::vector<std::pair<std::string, json::value>> printed;
  for (const Listed& row : listed()) {
    const auto line = lines_of.find(row.name);
    ASSERT_NE(line, lines_of.end()) << row.name << ": no command line prints it here";
    Arguments arguments = line->second;
    arguments.emplace_back("--json");
    const json::value document = parsed(project.ktstr(arguments));
    ASSERT_TRUE(document.is_object()) << row.name;
    EXPECT_EQ(document.as_object().begin()->key(), "schema_version") << row.name;
    printed.emplace_back(row.name, document);
  }
  EXPECT_EQ(printed.size(), lines_of.size()) << "is the table read as it is printed?";
  expect_schemas(printed);
}

TEST_F(Documents, EverySchemaIsOfARow) {
  std::set<std::string> names, schemas;
  for (const Listed& row : listed())
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " is there twice";
  for (const auto& entry : fs::directory_iterator(KTSTR_DOCUMENT_SCHEMAS)) {
    const std::string file = entry.path().filename().string();
    schemas.insert(file.substr(0, file.find(".schema.json")));
  }
  EXPECT_EQ(names, schemas);
}

TEST_F(Documents, WithoutRunsTheAnalysisIsADocumentToo) {
  const json::value none = parsed(project.ktstr({"stats", "--dir", "tests", "--json"}));
  EXPECT_TRUE(none.at("run").is_null());
  expect_schemas({{"stats", none}});
}

/// The command words at the beginning of "show RUN TEST" or "test --list".
std::string flag_words_of(const std::string& command) {
  std::string out;
  std::istringstream words(command);
  for (std::string word; words >> word && word.find_first_of("-ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 0;)
    out += (out.empty() ? "" : " ") + word;
  return out;
}

TEST_F(Documents, EveryJsonFlagHasARow) {
  std::set<std::string> rows, flags;
  for (const Listed& row : listed()) {
    for (const std::string& command : row.commands) rows.insert(flag_words_of(command));
  }
  std::istringstream table(project.ktstr({"help", "commands"}).out);
  std::string line;
  std::getline(table, line);  // the header
  while (std::getline(table, line)) {
    const std::string words = line.substr(6, line.find("  ") - 6);  // ktstr
    Arguments help;
    std::istringstream each(words);
    for (std::string word; each >> word;) help.push_back(word);
    help.emplace_back("--help");
    if (project.ktstr(help).out.find("\n  --json ") != std::string::npos) flags.insert(words);
  }
  EXPECT_GT(flags.size(), 25U);
  EXPECT_EQ(rows, flags);
}

}  // namespace
}  // namespace ktstr::testing
