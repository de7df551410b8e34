// SPDX-License-Identifier: Apache-2.0
//
// The recipes of docs/ci.md, run as CI systems would (tests/walk/ci_recipes.py): each is green on a commit
// that is fine and on a change that is, and red on one that hurts.
#include "project.hpp"

namespace ktstr::testing {
namespace {

TEST(CiRecipes, AreGreenOnWhatIsFineAndRedOnWhatHurts) {
  const Project project;
  project.write("tests/all.json", R"({"tests": [
    {"name": "alpha", "metrics_file": "numbers.json"},
    {"name": "beta", "metrics_file": "numbers.json", "scheduler": "scx_demo", "work_type": "PipeIo"},
    {"name": "gamma", "metrics_file": "numbers.json"}]})");
  project.commit("tests");
  project.git({"checkout", "-q", "-b", "fine"});
  project.write("notes.txt", "nothing that counts");
  project.commit("notes");
  project.git({"checkout", "-q", "-b", "worse", "main"});
  project.write("numbers.json", Project::kBad);
  project.commit("batches better");
  project.git({"clone", "-q", "--bare", ".", (project.tree / "work/origin").string()});

  Program program = project.program({});
  program.argv = {"python3",
                  KTSTR_SOURCE_DIR "/tests/walk/ci_recipes.py",
                  KTSTR_SOURCE_DIR "/docs/ci.md",
                  (project.tree / "work").string(),
                  "fine",
                  "worse"};
  program.environment["PATH"] = fs::path(KTSTR_BINARY).parent_path().string() + ":" + std::getenv("PATH");
  program.timeout = std::chrono::seconds(280);
  const ProgramResult result = run_program(program);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

}  // namespace
}  // namespace ktstr::testing
