// SPDX-License-Identifier: Apache-2.0
//
// What shells complete, and the manual pages: both come from what --help is made of.
#include <regex>

#include "project.hpp"

namespace ktstr::testing {
namespace {

std::vector<std::string> words_of(const ProgramResult& result) {
  std::vector<std::string> words;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) words.push_back(line.substr(0, line.find('\t')));
  return words;
}

class Completions : public ::testing::Test {
 protected:
  std::vector<std::string> after(std::vector<std::string> words) const {
    words.insert(words.begin(), "__complete");
    const ProgramResult result = project.ktstr(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return words_of(result);
  }
  bool offers(const std::vector<std::string>& words, const std::string& word) const {
    const std::vector<std::string> all = after(words);
    return std::find(all.begin(), all.end(), word) != all.end();
  }
  /// What a shell's own program makes of the script and of a line.
  std::string in_shell(const std::vector<std::string>& shell, const std::string& script) const {
    Program program = project.program({});
    const std::string directory = fs::path(KTSTR_BINARY).parent_path().string();
    program.argv = shell;
    program.argv.push_back(script);
    program.environment["PATH"] = directory + ":/usr/bin:/bin";
    const ProgramResult result = run_program(program);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }
  Project project;
};

TEST_F(Completions, KnowCommandsAndOptions) {
  EXPECT_EQ(after({"perf"}), std::vector<std::string>{"perf-delta"});
  EXPECT_EQ(after({"stats", "list-m"}), std::vector<std::string>{"list-metrics"});
  EXPECT_TRUE(offers({"test", "--det"}, "--deterministic"));
  EXPECT_TRUE(offers({"test", "--"}, "--plugin-dir")) << "those of every command";
  EXPECT_FALSE(offers({""}, "__complete"));
  EXPECT_EQ(after({"no-such", "--deter"}), std::vector<std::string>{});
}

TEST_F(Completions, LookValuesUp) {
  EXPECT_TRUE(offers({"perf-delta", "--gate", "we"}, "welch"));
  EXPECT_TRUE(offers({"test", "--reporter=js"}, "--reporter=json"));
  EXPECT_TRUE(offers({"test", "--reporter", "=", "js"}, "json")) << "as bash takes it apart";
  EXPECT_TRUE(offers({"bisect", "--metric", "worst_"}, "worst_p99_wake_latency_us"));
  EXPECT_TRUE(offers({"help", "exit"}, "exit-codes"));
  EXPECT_EQ(after({"--color", "a"}), (std::vector<std::string>{"auto", "always"}));
  EXPECT_EQ(after({"calibrate", "--policy", ""}).front(), ":files");
  EXPECT_TRUE(offers({"test", "al"}, "alpha"));
  project.ktstr({"test"});
  const std::vector<std::string> runs = after({"show", ""});
  ASSERT_FALSE(runs.empty());
  EXPECT_TRUE(fs::exists(project.tree.path() / "project/target/ktstr" / runs.front())) << runs.front();
}

TEST_F(Completions, AreSilentWhereNothingCanBeRead) {
  project.tree.write("ktstr.json", "{ broken");
  EXPECT_EQ(after({"show", ""}), std::vector<std::string>{});
  EXPECT_EQ(after({"tes"}), std::vector<std::string>{"test"});
  EXPECT_EQ(after({}).empty(), false);
}

TEST_F(Completions, WorkInTheShells) {
  EXPECT_EQ(in_shell({"bash", "-c"}, R"sh(source <(ktstr completions bash)
COMP_WORDS=(ktstr perf-delta --gate we); COMP_CWORD=3; _ktstr; printf '%s\n' "${COMPREPLY[@]}")sh"),
            "welch\n");
  EXPECT_EQ(in_shell({"fish", "--no-config", "-c"}, R"sh(ktstr completions fish | source
complete -C 'ktstr perf-delta --gate we' | string replace -r '\t.*' '')sh"),
            "welch\n");
  EXPECT_EQ(in_shell({"zsh", "-f", "-c"},
                     R"sh(compdef() {}; _describe() { print -l "${(@P)2}" }; _files() { print files }
eval "$(ktstr completions zsh)"; words=(ktstr perf-delta --gate we); CURRENT=4; _ktstr | sed 's/:.*//')sh"),
            "welch\n");
  expect_error(project.ktstr({"completions", "fihs"}), 2, {"\"fihs\"", "fish"});
}

TEST_F(Completions, ManualPagesSayWhatHelpSays) {
  const fs::path pages = project.tree.path() / "pages";
  ASSERT_EQ(project.ktstr({"help", "--man-pages", pages.string()}).exit_code, 0);
  std::size_t count = 0;
  for (const fs::directory_entry& page : fs::directory_iterator(pages)) {
    const ProgramResult checked =
        run_program({.argv = {"groff", "-Kutf8", "-man", "-Tutf8", "-ww", page.path().string()}});
    EXPECT_EQ(checked.exit_code, 0);
    EXPECT_EQ(checked.err, "") << page.path();
    ++count;
  }
  EXPECT_GT(count, 30U);
  const std::string page = project.tree.read("pages/ktstr-perf-delta.1");
  std::string help = project.ktstr({"perf-delta", "--help"}).out;
  const std::regex option("--[a-z][a-z-]+");
  for (std::sregex_iterator found(help.begin(), help.end(), option), end; found != end; ++found) {
    const std::string escaped = std::regex_replace(found->str(), std::regex("-"), "\\-");
    EXPECT_NE(page.find(escaped), std::string::npos) << found->str();
  }
  expect_error(project.ktstr({"help", "--man-pages", "/proc/no"}), 2, {"/proc/no"});
}

}  // namespace
}  // namespace ktstr::testing
