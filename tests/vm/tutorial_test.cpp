// SPDX-License-Identifier: Apache-2.0
//
// docs/tutorial.md as its reader does it: every block of shell in its order, on real guests. Only the kernel
// is KTSTR_TEST_KERNEL instead of one from the network.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "framework/run_program.hpp"
#include "framework/temp_tree.hpp"
#include "integration/guide.hpp"

namespace ktstr::testing {
namespace {

namespace fs = std::filesystem;

class Tutorial : public ::testing::Test {
 protected:
  /// A block, told as it is, in the directory that the reader is in.
  ProgramResult shell(const std::string& block, const fs::path& directory) const {
    Program program;
    program.argv = {"bash", "-euc", block};
    program.directory = directory.string();
    program.environment = {{"HOME", (tree_ / "home").string()},
                           {"PATH", fs::path(KTSTR_BINARY).parent_path().string() + ":/usr/bin:/bin"},
                           {"KTSTR_CACHE_DIR", (tree_ / "cache").string()},
                           {"GIT_AUTHOR_NAME", "somebody"},
                           {"GIT_AUTHOR_EMAIL", "somebody@example.org"},
                           {"GIT_COMMITTER_NAME", "somebody"},
                           {"GIT_COMMITTER_EMAIL", "somebody@example.org"}};
    program.timeout = std::chrono::seconds(900);
    return run_program(program);
  }

  TempTree tree_;
};

TEST_F(Tutorial, EndsWithARedVerdict) {
  const char* kernel = std::getenv("KTSTR_TEST_KERNEL");
  ASSERT_TRUE(kernel != nullptr && fs::is_regular_file(kernel))
      << "KTSTR_TEST_KERNEL must name a kernel image";
  tree_.directory("home");
  ASSERT_EQ(shell(std::string("ktstr kernel add ") + kernel, tree_.path()).exit_code, 0);
  std::ifstream file(KTSTR_DOCS "/tutorial.md");
  std::ostringstream text;
  text << file.rdbuf();
  fs::path here = tree_.path();
  std::size_t red = 0, blocks = 0;
  for (const std::string& block : fenced_blocks(text.str(), "sh")) {
    const ProgramResult result = shell(block, here);
    const bool judges = block.find("perf-delta") != std::string::npos;
    const bool open = block.find("--noise-adjust") != std::string::npos ||
                      block.find("--last") != std::string::npos;  // a noisy machine may not tell: 5
    EXPECT_TRUE(result.exit_code == (judges ? 1 : 0) || (open && result.exit_code == 5))
        << block << result.exit_code << result.out << result.err;
    red += judges && result.out.find("requests.mean_us") != std::string::npos ? 1 : 0;
    if (block.find("cd first") != std::string::npos) here = tree_ / "first";
    ++blocks;
  }
  EXPECT_GE(red, 1U) << "the stored comparison tells the metric";
  EXPECT_GE(blocks, 8U);
  EXPECT_TRUE(tree_.exists("first/report.html"));
  EXPECT_TRUE(tree_.exists("first/.github/workflows/ktstr.yml"));
}

}  // namespace
}  // namespace ktstr::testing
