// SPDX-License-Identifier: Apache-2.0
//
// `ktstr help PAGE`: docs/ without a network, from the index that people see in docs/README.md.
#include <fstream>
#include <set>
#include <sstream>

#include "project.hpp"

namespace ktstr::testing {
namespace {

std::set<std::string> pages_of_docs() {
  std::set<std::string> names;
  const fs::path docs = fs::path(KTSTR_SOURCE_DIR) / "docs";
  for (const auto& entry : fs::recursive_directory_iterator(docs)) {
    if (entry.path().extension() != ".md" || entry.path().filename() == "README.md") continue;
    const std::string name = entry.path().lexically_relative(docs).string();
    names.insert(name.substr(0, name.size() - 3));
  }
  return names;
}

std::string slurp(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Pages, TheIndexHasEachOnce) {
  const std::string index = slurp(fs::path(KTSTR_SOURCE_DIR) / "docs/README.md");
  for (const char* kind : {"## Tutorial", "## How-to", "## Reference", "## Explanation"})
    EXPECT_NE(index.find(kind), std::string::npos) << kind;
  std::set<std::string> listed;
  const std::regex entry(R"(^- \[[^\]]+\]\(([^)]+)\.md\): .+$)");
  std::istringstream lines(index);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!line.starts_with("- ")) continue;
    ASSERT_TRUE(std::regex_match(line, match, entry)) << line;
    EXPECT_TRUE(listed.insert(match[1]).second) << match[1] << " stands twice";
  }
  EXPECT_EQ(listed, pages_of_docs());
}

TEST(Pages, HelpListsAndShowsThem) {
  const Project project;
  const ProgramResult list = project.ktstr({"help"});
  EXPECT_EQ(list.exit_code, 0);
  for (const char* part : {"\nTutorial\n  tutorial ", "\nHow-to\n", "\nReference\n", "\nExplanation\n",
                           "  exit-codes ", "  filter "})
    EXPECT_NE(list.out.find(part), std::string::npos) << part << "\n" << list.out;
  for (const std::string& name : pages_of_docs()) {
    const ProgramResult page = project.ktstr({"help", name + ".md"});
    EXPECT_EQ(page.exit_code, 0) << name << page.err;
    EXPECT_GT(page.out.size(), 100U) << name;
    EXPECT_EQ(page.out.find('\033'), std::string::npos) << name << ": a pipe gets plain text";
    EXPECT_EQ(page.out.find("<!--"), std::string::npos) << name;
    EXPECT_EQ(page.out.find("](") == std::string::npos || page.out.find("    ") != std::string::npos, true)
        << name;
  }
  const std::string filter = project.ktstr({"help", "filter"}).out;
  EXPECT_EQ(filter.substr(0, filter.find('\n')), "Filters");
  EXPECT_EQ(project.ktstr({"help", "docs/filter.md"}).out, filter);
  EXPECT_NE(project.ktstr({"--color", "always", "help", "filter"}).out.find("\033[1mFilters"),
            std::string::npos);
}

TEST(Pages, ACommandAndItsPageAreToldApart) {
  const Project project;
  const std::string command = project.ktstr({"help", "perf-delta"}).out;
  EXPECT_TRUE(command.starts_with("Example:\n")) << command;
  EXPECT_NE(command.find("Page: ktstr help perf-delta.md\n"), std::string::npos) << command;
  EXPECT_TRUE(project.ktstr({"help", "perf-delta.md"}).out.starts_with("perf-delta: two sides"));
  EXPECT_NE(project.ktstr({"stats", "list", "--help"}).out.find("Page: ktstr help stats.md\n"),
            std::string::npos);
  expect_error(project.ktstr({"help", "filtr"}), 2, {"no help on \"filtr\"", "did you mean \"filter\"?"});
  expect_error(project.ktstr({"help", "../README"}), 2, {"no help on"});
}

}  // namespace
}  // namespace ktstr::testing
