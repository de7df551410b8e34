// SPDX-License-Identifier: Apache-2.0
//
// What containers, CI machines and full disks do to a run. Every fault is followed by a run that must be good
// at once.
#include <unistd.h>

#include <csignal>
#include <thread>

#include "integration/project.hpp"

namespace ktstr::testing {
namespace {

class Faults : public ::testing::Test {
 protected:
  Faults() {
    std::string tests;
    for (int i = 0; i < 8; ++i)
      tests += (i == 0 ? "" : ", ") + std::string(R"({"name": "t)") + std::to_string(i) + R"("})";
    project.write("tests/all.json", "{\"tests\": [" + tests + "]}");
    project.commit("eight tests");
  }

  /// Inside new namespaces; as an ordinary user with the rights of a user namespace.
  Program in_namespaces(const Arguments& flags, const Arguments& command, const Variables& more = {}) const {
    Program program = project.program({}, more);
    program.argv = {"unshare"};
    if (::geteuid() != 0) program.argv.emplace_back("-r");
    program.argv.insert(program.argv.end(), flags.begin(), flags.end());
    program.argv.insert(program.argv.end(), command.begin(), command.end());
    return program;
  }
  bool namespaces_work(const Arguments& flags) const {
    return run_program(in_namespaces(flags, {"true"})).exit_code == 0;
  }
  Program shell(const std::string& script) const {
    Program program = project.program({});
    program.argv = {"sh", "-c", script, KTSTR_BINARY};
    return program;
  }
  void expect_good_run(const std::string& when) const {
    const ProgramResult result = project.ktstr({"test"});
    ASSERT_EQ(result.exit_code, 0) << when << "\n" << result.out << result.err;
    std::size_t sidecars = 0, temporaries = 0;
    for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target/ktstr")) {
      const std::string name = entry.path().filename().string();
      temporaries += name.ends_with(".ktstr-tmp") ? 1 : 0;
      if (!name.ends_with(".ktstr.json")) continue;
      ++sidecars;
      EXPECT_NO_THROW(json::parse(project.tree.read(entry.path().lexically_relative(project.tree.path()))));
    }
    EXPECT_EQ(sidecars, 8U) << when;
    EXPECT_EQ(temporaries, 0U) << when;
  }

  Project project;
};

TEST_F(Faults, KillsWithOneAndTheSamePid) {
  const Arguments flags{"-pf", "--kill-child"};
  if (!namespaces_work(flags)) GTEST_SKIP() << "no new pid namespace here";
  const char* asked = std::getenv("KTSTR_TEST_KILLS");
  const int kills = asked != nullptr ? std::atoi(asked) : 100;
  unsigned random = 4711;
  for (int i = 0; i < kills; ++i) {
    random = random * 1103515245U + 12345U;
    RunningProgram running(in_namespaces(flags, {KTSTR_BINARY, "test"}));
    std::this_thread::sleep_for(std::chrono::milliseconds(random / 65536 % 150));
    running.send(SIGKILL);
    running.wait();
    const ProgramResult next = run_program(in_namespaces(flags, {KTSTR_BINARY, "test"}));
    ASSERT_EQ(next.exit_code, 0) << "after kill " << i << ", as pid 1 again\n" << next.out << next.err;
  }
  expect_good_run("in the end");
}

TEST_F(Faults, TwoPidNamespacesShareAPool) {
  const Arguments flags{"-pf", "--kill-child"};
  if (!namespaces_work(flags)) GTEST_SKIP() << "no new pid namespace here";
  project.write("tests/all.json",
                R"({"tests": [{"name": "a", "sleep_ms": 150}, {"name": "b", "sleep_ms": 150}]})");
  project.commit("slow");
  RunningProgram one(in_namespaces(flags, {KTSTR_BINARY, "test", "a"})),
      two(in_namespaces(flags, {KTSTR_BINARY, "test", "b"}));
  for (RunningProgram* running : {&one, &two}) {
    const ProgramResult result = running->wait();
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  }
  std::size_t sidecars = 0;
  for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target/ktstr"))
    sidecars += entry.path().filename().string().ends_with(".ktstr.json") ? 1 : 0;
  EXPECT_EQ(sidecars, 2U);
}

TEST_F(Faults, AFullDisk) {
  if (!namespaces_work({"-m"})) GTEST_SKIP() << "no new mount namespace here";
  const std::string script = R"sh(mkdir -p "$D" && mount -t tmpfs -o size=1m tmpfs "$D" || exit 99
    head -c 1028096 /dev/zero > "$D/filler"
    "$0" test; echo "full: $?"
    "$0" perf-delta --base HEAD~1 --noise-adjust 2 --kernel 6.18; echo "compared: $?"
    find "$D" -name '*.ktstr.json' -size 0
    "$0" runs show "$(ls "$D/ktstr")"
    rm "$D/filler"
    "$0" test > /dev/null; echo "next: $?")sh";
  Program program = in_namespaces(
      {"-m"}, {"sh", "-c", script, KTSTR_BINARY},
      {{"D", (project.tree / "small").string()}, {"CARGO_TARGET_DIR", (project.tree / "small").string()}});
  project.write("more.txt", "");
  project.commit("something to compare with");
  const ProgramResult result = run_program(program);
  ASSERT_NE(result.exit_code, 99) << result.err;
  const std::string all = result.out + result.err;
  EXPECT_NE(result.out.find("full: 4"), std::string::npos) << all;
  EXPECT_NE(result.out.find("compared: 4"), std::string::npos) << all;
  EXPECT_TRUE(result.out.find("not ended") != std::string::npos ||
              result.out.find("error  ") != std::string::npos)
      << "the run is known not to be whole\n"
      << all;
  EXPECT_NE(result.out.find("next: 0"), std::string::npos) << all;
  EXPECT_NE(result.err.find("No space left on device"), std::string::npos) << all;
  EXPECT_NE(result.err.find((project.tree / "small/ktstr").string()), std::string::npos) << all;
  EXPECT_NE(result.err.find("free some space"), std::string::npos) << all;
}

TEST_F(Faults, AFullDirectoryForCheckoutsIsNamed) {
  if (!namespaces_work({"-m"})) GTEST_SKIP() << "no new mount namespace here";
  const std::string small = (project.tree / "small").string();
  const std::string script = R"sh(mkdir -p "$D" && mount -t tmpfs -o size=16k tmpfs "$D" || exit 99
    exec env TMPDIR="$D" "$0" perf-delta --base HEAD~1 --noise-adjust 2 --kernel 6.18)sh";
  project.write("more.txt", std::string(100'000, 'x'));
  project.commit("something to compare with");
  const ProgramResult result =
      run_program(in_namespaces({"-m"}, {"sh", "-c", script, KTSTR_BINARY}, {{"D", small}}));
  ASSERT_NE(result.exit_code, 99) << result.err;
  EXPECT_EQ(result.exit_code, 4) << result.err;
  for (const std::string& part :
       {std::string("No space left on device"), "no room in " + small, "TMPDIR (" + small + ")"})
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
}

TEST_F(Faults, ALimitOfFileSizesIsAnErrorAndNoSignal) {
  const ProgramResult result = run_program(shell("ulimit -f 2; exec \"$0\" test"));
  EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
  EXPECT_NE(result.err.find("File too large"), std::string::npos) << result.err;
  expect_good_run("without the limit");
}

TEST_F(Faults, ALimitOfOpenFilesIsAnErrorAndNoCrash) {
  for (int limit = 6; limit <= 40; limit += 2) {
    const ProgramResult result =
        run_program(shell("ulimit -n " + std::to_string(limit) + "; exec \"$0\" test"));
    EXPECT_LE(result.exit_code, 5) << limit << " open files\n" << result.out << result.err;
    if (result.exit_code != 0) {
      EXPECT_FALSE(result.err.empty()) << limit;
    }
  }
  expect_good_run("without the limit");
}

TEST_F(Faults, ARunsRootThatMayNotBeWrittenToNamesItselfAndTheVariable) {
  const fs::path target = project.directory() / "target";
  const auto set_modes = [&](fs::perms mode) {
    for (const auto& entry : fs::recursive_directory_iterator(target)) {
      if (entry.is_directory()) fs::permissions(entry.path(), mode);
    }
    fs::permissions(target, mode);
  };
  for (const bool there : {false, true}) {
    fs::create_directories(target);
    if (there) expect_good_run("before");
    set_modes(fs::perms(0555));
    Program program = project.program({"test"});
    const Arguments drop{"setpriv", "--bounding-set=-dac_override,-dac_read_search",
                         "--inh-caps=-dac_override,-dac_read_search"};
    if (::geteuid() == 0) program.argv.insert(program.argv.begin(), drop.begin(), drop.end());
    const ProgramResult result = run_program(program);
    set_modes(fs::perms(0755));
    EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
    EXPECT_NE(result.err.find((target / "ktstr").string()), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("Permission denied"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("CARGO_TARGET_DIR"), std::string::npos) << result.err;
    EXPECT_EQ(result.out.find("PASS"), std::string::npos) << "found out before the first test";
  }
}

}  // namespace
}  // namespace ktstr::testing
