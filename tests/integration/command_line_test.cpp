// SPDX-License-Identifier: Apache-2.0
//
// Mistakes on the command line, in our words: never a text of the library that reads it.
#include "project.hpp"

namespace ktstr::testing {
namespace {

/// Pieces of the texts that CLI11 has for every kind of error.
constexpr const char* kOfLibrary[] = {"At Most",
                                      "At least",
                                      "required but received",
                                      "required",
                                      "Expected",
                                      "Could not convert",
                                      "not in range",
                                      "not in {",
                                      "not expected",
                                      "excludes",
                                      "requires",
                                      "disallowed",
                                      "is not an allowed",
                                      "Should be",
                                      "too many inputs",
                                      "INI",
                                      "Too many positional",
                                      "arguments to"};

void expect_ours(const ProgramResult& result, const std::string& line) {
  EXPECT_EQ(result.exit_code, 2) << line << "\n" << result.out << result.err;
  EXPECT_TRUE(result.err.starts_with("ktstr: error: ")) << line << "\n" << result.err;
  EXPECT_NE(result.err.find("\nktstr:        "), std::string::npos) << line << ": no fix in\n" << result.err;
  for (const char* text : kOfLibrary)
    EXPECT_EQ(result.err.find(text), std::string::npos) << line << " says \"" << text << "\":\n"
                                                        << result.err;
}

TEST(CommandLine, MistakesHaveALineAndAFix) {
  const Project project;
  struct Case {
    Arguments arguments;
    std::vector<std::string> parts;
  };
  const std::vector<Case> cases = {
      // several values where one is taken
      {{"perf-delta", "--base", "a", "--base", "b"},
       {"--base was given 2 times, with \"a\", \"b\"", "drop all but one"}},
      {{"--color", "auto", "test", "--color", "never"}, {"--color was given 2 times"}},
      {{"perf-delta", "--axis", "kernel", "6.17"}, {"--axis", "NAME A B"}},
      // none where one is needed
      {{"test", "--kernel"}, {"--kernel lacks its value", "write it as: --kernel KERNEL"}},
      {{"perf-delta", "--base"}, {"--base lacks its value", "--base COMMIT"}},
      {{"perf-delta", "--base="}, {"--base: the value is empty"}},
      {{"perf-delta", "--base", ""}, {"--base: the value is empty"}},
      {{"perf-delta", "--axis"}, {"--axis lacks its value"}},
      // a value where none is taken
      {{"test", "--list=5"}, {"--list takes no value"}},
      {{"stats", "--json=maybe"}, {"--json takes no value"}},
      // no number, or none that fits
      {{"perf-delta", "--threshold", "ten"}, {"--threshold: \"ten\" is no number"}},
      {{"test", "-j", "many"}, {"--jobs: \"many\" is no whole number"}},
      {{"runs", "prune", "--older-than", "-1"}, {"--older-than: \"-1\" is no number from 0 to 100000"}},
      {{"plugin", "check", "x.so", "--deadline", "0"}, {"--deadline: \"0\" is no number from 0.1 to 3600"}},
      {{"plugin", "check", "x.so", "--fuzz", "0"}, {"--fuzz: \"0\" is no number from 0.1 to 86400"}},
      {{"plugin", "check", "x.so", "--fuzz", "nan"}, {"--fuzz: \"nan\" is no number from 0.1 to 86400"}},
      {{"plugin", "check", "x.so", "--fuzz", "1", "--seed", "-1"}, {"--seed: \"-1\" is no whole number"}},
      // a word of few
      {{"init", "--ci", "gihub", "new"},
       {"--ci: \"gihub\" is none of github, gitlab, jenkins, none", "did you mean \"github\"?"}},
      {{"runs", "prune", "--only", "lock"}, {"did you mean \"locks\"?"}},
      {{"stats", "--outliers", "sgma"}, {"did you mean \"sigma\"?"}},
      // something is missing
      {{"bisect", "--good", "v1.0"}, {"--bad is missing", "--good A --bad B"}},
      {{"show"}, {"ktstr show needs RUN", "for example: ktstr show"}},
      {{"plugin", "new", "gate"}, {"ktstr plugin new needs NAME", "for example: ktstr plugin new"}},
      {{"bisect", "--god", "v1.0", "--bad", "HEAD"}, {"unknown option --god (did you mean \"--good\"?)"}},
      {{}, {"no command given", "commands: test"}},
      {{"kernel"}, {"ktstr kernel: which one?", "list, add"}},
      // nobody knows it
      {{"tset"}, {"there is no command \"ktstr tset\" (did you mean \"test\"?)"}},
      {{"kernel", "list", "surplus"}, {"unexpected argument \"surplus\"", "see ktstr kernel list --help"}},
      {{"test", "--kernle", "6.18"}, {"unknown option --kernle (did you mean \"--kernel\"?)"}},
      {{"test", "-Z"}, {"unknown option -Z", "see ktstr test --help"}},
      {{"help", "perf-dleta"}, {"did you mean \"perf-delta\"?"}},
      {{"help", "stats", "lst"}, {"did you mean \"list\"?"}},
      {{"help", "statistcs"}, {"did you mean \"statistics\"?"}}};
  for (const Case& one : cases) {
    const ProgramResult result = project.ktstr(one.arguments);
    const std::string line = ::testing::PrintToString(one.arguments);
    expect_ours(result, line);
    for (const std::string& part : one.parts)
      EXPECT_NE(result.err.find(part), std::string::npos) << line << ": no \"" << part << "\" in\n"
                                                          << result.err;
  }
}

/// Whatever commands there will be.
TEST(CommandLine, EveryOptionSaysWhatItLacks) {
  const Project project;
  std::istringstream listed(project.ktstr({"help", "commands"}).out);
  std::string line;
  std::getline(listed, line);  // the header
  const std::regex option(R"(^ +(?:-[A-Za-z],)?(--[a-z][a-z-]+)( [^ ].*)?)");
  std::size_t tried = 0;
  while (std::getline(listed, line)) {
    std::istringstream words(line.substr(6, line.find("  ") - 6));
    Arguments command;
    for (std::string word; words >> word;) command.push_back(word);
    Arguments asked = command;
    asked.emplace_back("--help");
    std::istringstream help(project.ktstr(asked).out);
    for (std::string shown; std::getline(help, shown);) {
      std::smatch match;
      if (!std::regex_search(shown, match, option)) continue;
      const std::string name = match[1];
      if (name == "--help" || name == "--version") continue;
      const bool takes_value = match[2].matched && match[2].str().find_first_not_of(' ') == 1 &&
                               !match[2].str().starts_with(" REQUIRED");
      Arguments arguments = command;
      arguments.push_back(takes_value ? name : name + "=maybe");
      expect_ours(project.ktstr(arguments), ::testing::PrintToString(arguments));
      ++tried;
    }
  }
  EXPECT_GT(tried, 150U);
}

TEST(CommandLine, TyposInConfigurationAreToldByEveryCommand) {
  const Project project;
  const std::vector<Arguments> commands = {{"test"},
                                           {"perf-delta", "--base", "HEAD~1"},
                                           {"stats"},
                                           {"stats", "list"},
                                           {"stats", "list-values"},
                                           {"stats", "list-metrics"},
                                           {"runs", "list"},
                                           {"runs", "prune"},
                                           {"show-thresholds"},
                                           {"export", "--csv"},
                                           {"affected"},
                                           {"matrix", "--kernel", "6.18"},
                                           {"calibrate"},
                                           {"bisect", "--good", "HEAD~1", "--bad", "HEAD", "-E", "alpha"},
                                           {"kernel", "list"},
                                           {"plugin", "list"},
                                           {"config", "show"}};
  struct Typo {
    const char* text;
    const char* meant;
    bool of_plugins;  ///< known once plugins are looked at
  };
  for (const Typo& typo :
       {Typo{R"({"runer": "fake"})", "runner", false},
        {R"({"runner": "faek"})", "fake", true},
        {R"({"runner": "fake", "gates": ["fdrr"]})", "fdr", true},
        {R"({"runner": "fake", "reporters": ["terminl"]})", "terminal", true},
        {R"({"runner": "fake", "store": {"use": "fs", "options": {"rot": "x"}}})", "root", true},
        {R"({"runner": "fake", "reporters": [{"use": "junit", "options": {"dialct": "x"}}]})", "dialect",
         true}}) {
    project.write("ktstr.json", typo.text);
    for (const Arguments& command : commands) {
      const bool plain =
          command.front() == "kernel" || command.front() == "plugin" || command.front() == "config";
      if (typo.of_plugins && plain) continue;  // where one looks in order to repair it
      expect_error(project.ktstr(command), 2,
                   {"error: ", "did you mean \"" + std::string(typo.meant) + "\"?"});
    }
  }
}

}  // namespace
}  // namespace ktstr::testing
