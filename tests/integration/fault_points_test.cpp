// SPDX-License-Identifier: Apache-2.0
//
// Every call that opens, writes, syncs, renames, makes, locks or starts something in a whole invocation fails
// once. Whatever it is: the invocation ends with a documented exit code and says why, or has done all it was
// asked for; nothing is torn; and the next one, undisturbed, is as good as if nothing had been.
//
// Of some thousand such calls a sample fails in each run of the tests, spread evenly; all of them with
// KTSTR_TEST_FAULTS=all.
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>

#include "integration/project.hpp"

namespace ktstr::testing {
namespace {

struct Family {
  const char* name;
  int error;
};
/// In the order of fault_shim.c.
constexpr std::array<Family, 12> kFamilies{{{"open", EMFILE},
                                            {"look", EMFILE},
                                            {"read", EIO},
                                            {"write", ENOSPC},
                                            {"fsync", EIO},
                                            {"rename", EIO},
                                            {"unlink", EIO},
                                            {"mkdir", ENOSPC},
                                            {"lock", ENOLCK},
                                            {"fork", EAGAIN},
                                            {"pipe", EMFILE},
                                            {"thread", EAGAIN}}};

struct FaultLog {
  std::array<long, kFamilies.size()> calls;
  char what[256];
};

struct Point {
  std::size_t family = 0;
  long number = 0;  ///< 0: nothing fails
};

class FaultPoints : public ::testing::Test {
 protected:
  FaultPoints() {
    project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "build": "true"})");
    project.commit("a build");
  }

  ProgramResult with_fault(const Arguments& arguments, const Point& point, FaultLog& log) {
    const fs::path file = project.tree / "fault-log";
    project.tree.write("fault-log", std::string(4096, '\0'));
    const Family& family = kFamilies[point.family];
    const ProgramResult result = project.ktstr(
        arguments, {{"LD_PRELOAD", KTSTR_FAULT_SHIM},
                    {"KTSTR_TEST_FAULT", std::string(family.name) + ":" + std::to_string(point.number) + ":" +
                                             std::to_string(family.error)},
                    {"KTSTR_TEST_FAULT_LOG", file.string()}});
    const std::string bytes = project.tree.read("fault-log");
    std::memcpy(&log, bytes.data(), sizeof log);
    return result;
  }

  /// Evenly spread over all calls of the invocation.
  std::vector<Point> points_of(const Arguments& arguments, std::size_t most) {
    restore();
    FaultLog log{};
    with_fault(arguments, {}, log);
    std::vector<Point> all, some;
    for (std::size_t family = 0; family < kFamilies.size(); ++family) {
      for (long number = 1; number <= log.calls[family]; ++number) all.push_back({family, number});
    }
    EXPECT_GT(all.size(), 100U) << "is the shim in place?";
    if (std::getenv("KTSTR_TEST_FAULTS") != nullptr) most = all.size();
    most = std::min(most, all.size());
    for (std::size_t i = 0; i < most; ++i) some.push_back(all[(2 * i + 1) * all.size() / (2 * most)]);
    return some;
  }

  void keep() { copy(target(), kept()); }
  /// As it was when it was kept; as if nothing had been when it was not. The index of the pool is new.
  void restore() {
    fs::remove_all(target());
    if (fs::exists(kept())) copy(kept(), target());
    fs::remove_all(project.tree / "cache/index");
    fs::remove_all(project.tree / "tmp");
    project.tree.directory("tmp");
  }

  /// Whether the sidecars of all three tests are of the invocation that began with `mark`.
  std::string missing_sidecars(fs::file_time_type mark) const {
    int fresh = 0;
    for (const auto& entry : fs::recursive_directory_iterator(target() / "ktstr")) {
      const std::string path = entry.path().string();
      if (path.ends_with(".ktstr.json") && path.find("/.") == std::string::npos &&
          entry.last_write_time() >= mark)
        ++fresh;
    }
    return fresh == 3 ? "" : std::to_string(fresh) + " sidecars instead of 3";
  }
  fs::file_time_type mark() const {
    project.tree.write("mark", "");
    return fs::last_write_time(project.tree / "mark");
  }

  void expect_nothing_torn(const std::string& when) const {
    for (const fs::path& place : {target(), project.tree / "cache"}) {
      if (!fs::exists(place)) continue;
      for (const auto& entry : fs::recursive_directory_iterator(place)) {
        if (entry.path().extension() != ".json") continue;
        boost::system::error_code error;
        const std::string text = project.tree.read(entry.path().lexically_relative(project.tree.path()));
        static_cast<void>(json::parse(text, error));
        EXPECT_FALSE(error) << when << "\n" << entry.path() << " is torn: " << text.substr(0, 200);
      }
    }
  }
  void expect_nothing_left(const std::string& when) const {
    for (const auto& entry : fs::recursive_directory_iterator(target()))
      EXPECT_FALSE(entry.path().filename().string().ends_with(".ktstr-tmp")) << when << "\n" << entry.path();
    for (const auto& entry : fs::directory_iterator(project.tree / "tmp"))
      ADD_FAILURE() << when << "\n" << entry.path() << " is left";
  }

  /// `lacks` tells what an invocation's results lack; "": nothing.
  using Lacks = std::function<std::string(const ProgramResult&, fs::file_time_type)>;

  void walk(const Arguments& arguments, int good, std::size_t most, const Lacks& lacks) {
    static const std::regex kWord("(^|\n)(ktstr: (error|warning): |note: )");
    for (const Point& point : points_of(arguments, most)) {
      restore();
      FaultLog log{};
      fs::file_time_type begin = mark();
      const ProgramResult result = with_fault(arguments, point, log);
      const std::string when = std::string(kFamilies[point.family].name) + " " +
                               std::to_string(point.number) + " (" + log.what + ") ended with " +
                               std::to_string(result.exit_code) + "\n" + result.out + result.err;
      if (log.what[0] == '\0') continue;  // threads do not call equally often each time
      EXPECT_TRUE(result.exit_code >= 0 && result.exit_code <= 5) << when;
      const std::string lacking = result.exit_code == good ? lacks(result, begin) : "the exit code";
      if (!lacking.empty()) {
        EXPECT_NE(result.exit_code, 0) << lacking << "\n" << when;
        EXPECT_TRUE(std::regex_search(result.err + result.out, kWord)) << lacking << ", untold\n" << when;
      }
      expect_nothing_torn(when);
      begin = mark();
      const ProgramResult next = project.ktstr(arguments);
      EXPECT_EQ(next.exit_code, good) << next.out << next.err << "after " << when;
      EXPECT_EQ(lacks(next, begin), "") << "after " << when;
      expect_nothing_torn("after " + when);
      expect_nothing_left("after " + when);
      if (HasFailure()) return;
    }
  }

  fs::path target() const { return project.directory() / "target"; }
  fs::path kept() const { return project.tree / "kept"; }

  Project project;

 private:
  void copy(const fs::path& from, const fs::path& to) const {
    fs::remove_all(to);
    Program program = project.program({});
    program.argv = {"cp", "-a", from.string(), to.string()};
    ASSERT_EQ(run_program(program).exit_code, 0);
  }
};

TEST_F(FaultPoints, OfAFirstRun) {
  walk({"test"}, 0, 20,
       [&](const ProgramResult&, fs::file_time_type begin) { return missing_sidecars(begin); });
}

TEST_F(FaultPoints, OfARunOverAnEarlierOne) {
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  keep();
  walk({"test"}, 0, 14,
       [&](const ProgramResult&, fs::file_time_type begin) { return missing_sidecars(begin); });
}

TEST_F(FaultPoints, OfAComparisonOfWhatIsStored) {
  project.two_commits();
  keep();
  const Arguments compare{"perf-delta", "--base", "HEAD~1", "--gate", "threshold", "--fail-threshold", "1"};
  const ProgramResult whole = project.ktstr(compare);
  ASSERT_EQ(whole.exit_code, 1) << whole.out << whole.err;
  walk(compare, 1, 24, [&](const ProgramResult& result, fs::file_time_type) {
    return project.stable(result.out) == project.stable(whole.out) ? "" : "an output like\n" + whole.out;
  });
}

TEST_F(FaultPoints, OfAComparisonThatMeasures) {
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  project.write("numbers.json", Project::kBad);
  project.commit("worse");
  keep();
  const Arguments compare{"perf-delta", "--base", "HEAD~1", "--noise-adjust", "2", "--kernel", "6.18"};
  static const std::regex kCounts("2 scenarios, 26 metrics: 1 regressed, 25 unchanged");
  walk(compare, 1, 4, [&](const ProgramResult& result, fs::file_time_type) {
    return std::regex_search(result.out, kCounts) ? std::string() : "one that regressed of 26";
  });
}

}  // namespace
}  // namespace ktstr::testing
