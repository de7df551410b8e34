// SPDX-License-Identifier: Apache-2.0
//
// Every `ktstr …` of README, docs and --help is run: in a project with two commits and the fixture runner,
// where it must not end with a usage, environment or plugin error. Words that stand for something are
// replaced; what is only the name of a command is asked for its help.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "project.hpp"

namespace ktstr::testing {
namespace {

struct Documented {
  std::string where, line;
  bool whole = true;  ///< false: between backticks, where a command may be named without what it needs
};

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// In blocks of code, between backticks, and behind "run:" of CI files.
std::vector<Documented> documented(const fs::path& path) {
  std::vector<Documented> found;
  std::istringstream text(text_of(path));
  bool block = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("```")) block = !block;
    const std::regex in_line(R"(`(?:cargo )?(ktstr [a-z-]+(?: [^`]*)?)`)");
    const std::regex in_block(R"((?:^|^\$ |^- run: )(?:cargo )?(ktstr [a-z-]+.*)$)");
    const std::regex& pattern = block ? in_block : in_line;
    for (std::sregex_iterator it(line.begin(), line.end(), pattern), end; it != end; ++it)
      found.push_back({path.filename().string(), (*it)[1].str(), block});
  }
  return found;
}

/// Words of a shell's line as far as documents need them: quotes, and comments at the end.
Arguments words_of(const std::string& line) {
  Arguments words;
  std::string word;
  char quote = 0;
  for (const char c : line + " ") {
    if (quote == 0 && c == '#' && word.empty()) break;
    if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote == 0 ? c : '\0';
    } else if (quote == 0 && c == ' ') {
      if (!word.empty()) words.push_back(word);
      word.clear();
    } else {
      word += c;
    }
  }
  return words;
}

/// Two commits with sidecars of both, and everything that documents name.
class Demo : public Project {
 public:
  Demo() {
    write("tests/all.json", R"({"tests": [
      {"name": "wakeups", "metrics_file": "numbers.json", "jitter": 0.01},
      {"name": "wakeup", "scheduler": "my_sched", "work_type": "PipeIo", "topology": "1n2l2c1t"}]})");
    for (int i = 0; i < 8; ++i) commit("tests");
    git({"tag", "v1.0"});
    git({"checkout", "-q", "-b", "feature"});
    two_commits();
    tree.write("old", fake_bzimage("6.17.1 (a@b) #1 SMP"));
    ktstr({"kernel", "add", "../old"});
    ktstr({"test", "--kernel", "6.17"});
    for (const char* what : {"linux", "ci-artifacts"}) tree.directory(std::string("home/") + what);
    json::object request{{"project_dir", directory().string()}, {"seed", 1}, {"tests", {"wakeups"}}};
    request["manifests"] = json::array{(directory() / "tests/all.json").string()};
    write("task.json",
          json::serialize(json::object{
              {"schema_version", 1}, {"runner", "fake"}, {"options", json::object()}, {"request", request}}));
    write("families.jsonl", R"({"name":"f","source":"made-up","kind":"AA","order":"ABBA","metrics":)"
                            R"([{"name":"m","truth":"null","a":[100,101,99],"b":[101,100,99]}]})"
                            "\n");
    write("policy.json", R"({"default_percent": 15})");
    const json::value listed = parsed(ktstr({"runs", "list", "--json"})).at("entries");
    for (const json::value& run : listed.as_array()) keys.emplace_back(run.at("key").as_string());
  }

  std::vector<std::string> keys;  ///< of runs
};

class DocumentedCommands : public ::testing::Test {
 protected:
  Demo demo;

  /// What stands for something, as something.
  Arguments meant(Arguments words) const {
    static const std::map<std::string, std::string> kStandIns = {{"EXPR", "wakeup"},
                                                                 {"TEST", "wakeups"},
                                                                 {"FILTER", "wakeup"},
                                                                 {"K", "6.18"},
                                                                 {"A", "v1.0"},
                                                                 {"B", "HEAD"},
                                                                 {"S", "7"},
                                                                 {"N", "3"},
                                                                 {"60", "0.2"},
                                                                 {"DAYS", "30"},
                                                                 {"PCT", "5"},
                                                                 {"M", "worst_gap_ms"},
                                                                 {"PAGE", "filter"},
                                                                 {"requests", "wakeups"},
                                                                 {"FILE", "policy.json"},
                                                                 {"median", "welch"},
                                                                 {"$PWD/build", "../data/ktstr/plugins/v1"},

                                                                 {"~/src/linux", "../bzImage"},
                                                                 {"~/ci-artifacts", "target/ktstr"},
                                                                 {"part-1", "target/ktstr"},
                                                                 {"part-2", "target/ktstr"},
                                                                 {"part-3", "target/ktstr"},
                                                                 {"downloaded", "target/ktstr"},
                                                                 {"families.jsonl.gz", "families.jsonl"},
                                                                 {"6.18.15+deb13-cloud-amd64", "6.18.2"}};
    static const std::set<std::string> kRuns = {
        "RUN", "KEY", "KEY…", "6.14-abc1234", "6.18-abc1234", "6.14-def5678", "6.18-abc1234-dirty"};
    Arguments out;
    for (std::string word : words) {
      std::erase_if(word, [](char c) { return c == '[' || c == ']'; });
      if (kRuns.contains(word)) word = demo.keys.at(0);
      if (word.starts_with("s3://")) word = "bucket/" + word.substr(5);  // no server in these tests
      const auto stand_in = kStandIns.find(word);
      if (stand_in != kStandIns.end()) word = stand_in->second;
      if (word != "…" && !word.empty()) out.push_back(word);
    }
    return out;
  }

  /// Names of commands and options, and nothing that they would need.
  bool names_only(const Arguments& words) const {
    return std::all_of(words.begin(), words.end(), [](const std::string& word) {
      return word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == word.npos;
    });
  }

  void run(const Documented& command) const {
    Arguments words = meant(words_of(command.line));
    words.erase(words.begin());  // ktstr
    const auto is = [&](const char* group, const char* name) {
      return words.size() > 1 && words[0] == group && words[1] == name;
    };
    if (is("kernel", "fetch") && words.size() > 2) words.emplace_back("--if-missing");  // no network in tests
    std::erase(words, "--fetch");                                                       // nor here
    const bool builds_kernels = std::find(words.begin(), words.end(), "--kernel-git") != words.end();
    if (builds_kernels || is("runs", "rm") || is("kernel", "remove") ||
        is("kernel", "add")) {  // the others need what goes
      words.emplace_back("--help");
    }
    if ((is("plugin", "trust") || is("plugin", "untrust") || is("plugin", "check")) && words.size() > 2 &&
        !words[2].starts_with("-")) {
      words[2] = "../data/ktstr/plugins/v1/fixture-fake-runner.ktstr-plugin.json";
      if (words[1] == "untrust") {
        EXPECT_EQ(demo.ktstr({"plugin", "trust", words[2]}).exit_code, 0);
      }
    }
    ProgramResult result = demo.ktstr(words);
    if (result.exit_code == 2 && !command.whole && names_only(words)) {  // the text only names it
      const auto option = std::find_if(words.begin(), words.end(),
                                       [](const std::string& word) { return word.starts_with('-'); });
      const std::string named = option == words.end() ? "" : *option;
      words.erase(option, words.end());
      words.emplace_back("--help");
      result = demo.ktstr(words);
      EXPECT_NE(result.out.find(named), std::string::npos) << command.where << ": " << command.line;
    }
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 5)
        << command.where << ": " << command.line << "\nas " << ::testing::PrintToString(words)
        << "\nended with " << result.exit_code << "\n"
        << result.err;
  }
};

TEST_F(DocumentedCommands, OfReadmeAndDocs) {
  std::set<std::string> seen;
  std::vector<fs::path> files{fs::path(KTSTR_SOURCE_DIR) / "README.md"};
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(KTSTR_SOURCE_DIR) / "docs"))
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    for (const Documented& command : documented(file)) {
      if (seen.insert(command.line).second) run(command);
    }
  }
  EXPECT_GT(seen.size(), 40U) << "is that the right folder?";
}

TEST_F(DocumentedCommands, OfHelp) {
  std::istringstream listed(demo.ktstr({"help", "commands"}).out);
  std::string line;
  std::getline(listed, line);  // the header
  std::size_t examples = 0;
  while (std::getline(listed, line)) {
    Arguments words = words_of(line.substr(0, line.find("  ")));
    words.erase(words.begin());
    words.emplace_back("--help");
    std::istringstream help(demo.ktstr(words).out);
    for (std::string shown; std::getline(help, shown) && !shown.empty();) {
      if (!shown.starts_with("  ktstr ")) continue;
      ++examples;
      run({"--help of" + line.substr(5, 20), shown.substr(2)});
    }
  }
  EXPECT_GT(examples, 30U);
}

}  // namespace
}  // namespace ktstr::testing
