// SPDX-License-Identifier: Apache-2.0
//
// A user with a project: a git repository, a home of its own, one cached kernel, and the fixture runner
// `fake` installed among the user's plugins. Everything else is the ktstr that was built, found on its
// ordinary search path.
#pragma once
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "framework/golden.hpp"
#include "framework/run_program.hpp"
#include "framework/temp_tree.hpp"
#include "unit/host/kernels/images.hpp"

/// For tests of crashes, of exits and of what a process leaves behind: a sanitizer tells and does these
/// itself.
#ifdef KTSTR_SANITIZED
#define SKIP_WITH_SANITIZER() GTEST_SKIP() << "a sanitizer has its own exit, threads and allocator"
#else
#define SKIP_WITH_SANITIZER() static_cast<void>(0)
#endif

namespace ktstr::testing {

namespace json = boost::json;
namespace fs = std::filesystem;

using Arguments = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

/// Copies a plugin with modes that the trust rules accept, whatever the umask of the build was.
inline void install_plugin(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".so") && !name.ends_with(".json")) continue;
    fs::copy_file(entry.path(), to / name, fs::copy_options::overwrite_existing);
    fs::permissions(to / name, fs::perms(0644));
  }
}

class Project {
 public:
  static constexpr const char* kConfiguration = R"({"project": "demo", "runner": "fake"})";
  static constexpr const char* kTests = R"({"tests": [
    {"name": "alpha", "metrics_file": "numbers.json", "jitter": 0.01},
    {"name": "beta", "scheduler": "scx_demo", "work_type": "PipeIo"},
    {"name": "plain", "performance_mode": false}]})";
  static constexpr const char* kGood = R"({"worst_gap_ms": 20, "total_iterations": 1000})";
  static constexpr const char* kBad = R"({"worst_gap_ms": 2000, "total_iterations": 300})";

  Project() {
    for (const char* directory : {"home", "tmp", "project"})
      fs::permissions(tree.directory(directory), fs::perms(0755));
    install_plugin(fs::path(KTSTR_FIXTURES_DIR) / "fake-runner", tree / "data/ktstr/plugins/v1");
    tree.write("bzImage", fake_bzimage("6.18.2 (a@b) #1 SMP"));
    expect_ok(ktstr({"kernel", "add", (tree / "bzImage").string()}));
    git({"init", "-q", "-b", "main"});
    write("ktstr.json", kConfiguration);
    write(".gitignore", "/target/\n/built.txt\n");
    write("tests/all.json", kTests);
    write("numbers.json", kGood);
    commit("good");
  }

  fs::path directory() const { return tree / "project"; }
  void write(const std::string& name, std::string_view text) const { tree.write("project/" + name, text); }

  /// Dates are fixed, so that equal content gives equal commits.
  std::string git(const Arguments& arguments) const {
    Program program{{"git"}, variables({}), {}, true, directory().string(), {}, std::chrono::seconds(60)};
    program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
    for (const char* who : {"AUTHOR", "COMMITTER"}) {
      program.environment["GIT_" + std::string(who) + "_NAME"] = "somebody";
      program.environment["GIT_" + std::string(who) + "_EMAIL"] = "somebody@example.org";
      program.environment["GIT_" + std::string(who) + "_DATE"] = "2026-01-02T03:04:05Z";
    }
    const ProgramResult result = expect_ok(run_program(program));
    return result.out.substr(0, result.out.find_last_not_of('\n') + 1);
  }
  std::string commit(const std::string& message) const {
    git({"add", "-A"});
    git({"commit", "-q", "--allow-empty", "-m", message});
    return git({"rev-parse", "--short=7", "HEAD"});
  }
  /// A second commit that hurts, with the sidecars of both commits stored.
  void two_commits(const char* second = kBad) const {
    expect_ok(ktstr({"test"}));
    write("numbers.json", second);
    commit("second");
    expect_ok(ktstr({"test"}));
  }

  Program program(const Arguments& arguments, const Variables& more = {}) const {
    Program program{{KTSTR_BINARY},           variables(more), {}, true, directory().string(), {},
                    std::chrono::seconds(100)};
    program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
    return program;
  }
  ProgramResult ktstr(const Arguments& arguments, const Variables& more = {}) const {
    return run_program(program(arguments, more));
  }

  /// What changes from run to run and from machine to machine taken out.
  std::string stable(const std::string& text) const {
    std::string out = std::regex_replace(text, std::regex(R"(\[ *[0-9.]+s\])"), "[ TIME]");
    for (std::size_t at = 0; (at = out.find(tree.path().string(), at)) != std::string::npos;)
      out.replace(at, tree.path().string().size(), "ROOT");
    return out;
  }

  TempTree tree;

 private:
  Variables variables(const Variables& more) const {
    Variables all{{"HOME", (tree / "home").string()},
                  {"XDG_DATA_HOME", (tree / "data").string()},
                  {"KTSTR_CACHE_DIR", (tree / "cache").string()},
                  {"TMPDIR", (tree / "tmp").string()},
                  {"GIT_CONFIG_NOSYSTEM", "1"}};
    for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
      if (const char* value = std::getenv(name)) all[name] = value;
    }
    for (const auto& [name, value] : more) all[name] = value;
    return all;
  }
  static ProgramResult expect_ok(ProgramResult result) {
    if (result.exit_code != 0)
      throw std::runtime_error("exit code " + std::to_string(result.exit_code) + "\n" + result.out +
                               result.err);
    return result;
  }
};

inline json::value parsed(const ProgramResult& result) {
  boost::system::error_code error;
  json::value value = json::parse(result.out, error);
  EXPECT_FALSE(error) << error.message() << " in\n" << result.out << result.err;
  return value;
}

/// Each document, behind its name, fits host/show/schema/NAME.schema.json.
inline void expect_schemas(const std::vector<std::pair<std::string, json::value>>& documents) {
  Program check{{"python3", "-c",
                 "import json, jsonschema, pathlib, sys\n"
                 "for name, document in json.load(sys.stdin):\n"
                 "    schema = json.loads(pathlib.Path(sys.argv[1], name + '.schema.json').read_text())\n"
                 "    for error in jsonschema.Draft202012Validator(schema).iter_errors(document):\n"
                 "        print(name, list(error.absolute_path), error.message[:300])\n",
                 KTSTR_DOCUMENT_SCHEMAS}};
  json::array pairs;
  for (const auto& [name, document] : documents) pairs.push_back(json::array{name, document});
  check.input = json::serialize(pairs);
  const ProgramResult checked = run_program(check);
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_EQ(checked.out, "");
}

inline void expect_error(const ProgramResult& result, int exit_code, const std::vector<std::string>& parts) {
  EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
  EXPECT_EQ(result.out, "");
  for (const std::string& part : parts)
    EXPECT_NE(result.err.find(part), std::string::npos) << "no \"" << part << "\" in\n" << result.err;
}

}  // namespace ktstr::testing
