// SPDX-License-Identifier: Apache-2.0
//
// A repository of two commits that the test shapes with git, and the baseline that reads it.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "framework/run_program.hpp"
#include "framework/temp_tree.hpp"
#include "git_baseline.hpp"

namespace ktstr::git {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

class RepositoryTest : public ::testing::Test {
 protected:
  RepositoryTest() { start("p"); }

  /// An empty repository at `name`, then two commits: src.txt says 1, then 2.
  void start(const std::string& name, const Arguments& init = {}) {
    tree.directory(name);
    Arguments arguments{"init", "-q", "-b", "main"};
    arguments.insert(arguments.end(), init.begin(), init.end());
    git(name, arguments);
    tree.write(name + "/src.txt", "1\n");
    tree.write(name + "/docs/a", "a\n");
    first = commit(name, "one");
    tree.write(name + "/src.txt", "2\n");
    second = commit(name, "two");
  }

  std::string git(const std::string& where, const Arguments& arguments, bool may_fail = false) const {
    testing::Program program{{"git", "-c", "protocol.file.allow=always"},
                             {},
                             {},
                             true,
                             (tree / where).string(),
                             {},
                             std::chrono::seconds(60)};
    program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
    program.environment = {{"HOME", tree.path().string()}, {"GIT_CONFIG_NOSYSTEM", "1"}};
    for (const char* who : {"AUTHOR", "COMMITTER"}) {
      program.environment["GIT_" + std::string(who) + "_NAME"] = "somebody";
      program.environment["GIT_" + std::string(who) + "_EMAIL"] = "somebody@example.org";
    }
    const testing::ProgramResult result = testing::run_program(program);
    if (result.exit_code != 0 && !may_fail)
      throw std::runtime_error("git " + arguments.front() + ": " + result.err);
    return result.out.substr(0, result.out.find_last_not_of('\n') + 1);
  }
  std::string commit(const std::string& where, const std::string& message) const {
    git(where, {"add", "-A"});
    git(where, {"commit", "-q", "--allow-empty", "-m", message});
    return git(where, {"rev-parse", "HEAD"});
  }

  /// `commit` is the id of the tree's commit.
  struct Described : ktstr_tree {
    std::string commit, label;
  };
  Described describe(const std::string& name = "p") {
    ktstr_commit head = sdk::commit_of("", "");
    Described out{};
    out.size = sizeof(ktstr_tree);
    static_cast<ktstr_tree&>(out).commit = &head;
    baseline.describe((tree / name).string(), out);
    out.commit = head.id;
    out.label = head.label;
    return out;
  }
  bool dirty(const std::string& name = "p") { return (describe(name).flags & KTSTR_TREE_DIRTY) != 0; }
  std::string resolve(const std::string& base, const std::string& name = "p") {
    const std::string path = (tree / name).string();
    const ktstr_baseline_request request{
        sizeof(ktstr_baseline_request), 0, sdk::str(path), sdk::str(base), {}, {}, sdk::str("main")};
    ktstr_commit commit = sdk::commit_of("", "");
    ktstr_resolved out{};
    out.size = sizeof out;
    out.commit = &commit;
    baseline.resolve(request, out);
    return commit.id;
  }
  /// Sorted, each once.
  Arguments changed(const std::string& base, const std::string& head, const std::string& name = "p") {
    std::set<std::string> paths;
    const auto visit = [](void* to, ktstr_str path) noexcept -> ktstr_status {
      static_cast<std::set<std::string>*>(to)->emplace(path.ptr, path.len);
      return KTSTR_OK;
    };
    baseline.changed_files((tree / name).string(), base, head, sdk::PathVisitor(visit, &paths));
    return {paths.begin(), paths.end()};
  }
  /// Into a new directory, whose name is returned.
  std::string checkout(const std::string& commit, const std::string& name = "p") {
    const std::string to = "out" + std::to_string(++outputs_);
    baseline.checkout((tree / name).string(), commit, tree.directory(to).string(),
                      commit.empty() ? KTSTR_CHECKOUT_WORKTREE : 0U);
    return to;
  }
  /// Names of all files of a directory, sorted; directories that are empty end in a slash.
  Arguments files(const std::string& name) const {
    Arguments all;
    for (const auto& entry : fs::recursive_directory_iterator(tree / name)) {
      if (entry.is_directory() && !entry.is_symlink() && !fs::is_empty(entry.path())) continue;
      all.push_back(entry.path().lexically_relative(tree / name).string() +
                    (entry.is_directory() ? "/" : ""));
    }
    std::sort(all.begin(), all.end());
    return all;
  }
  bool warned_of(const std::string& part) const {
    return std::any_of(warnings.begin(), warnings.end(),
                       [&](const std::string& line) { return line.find(part) != std::string::npos; });
  }
  std::string warned() const {
    std::string all;
    for (const std::string& line : warnings) all += line + "\n";
    return all;
  }

  testing::TempTree tree;
  std::string first, second;
  Arguments warnings;
  bool cancelled = false;
  GitBaseline baseline{[this](const std::string& line) { warnings.push_back(line); },
                       [this] { return cancelled; }};

 private:
  int outputs_ = 0;
};

}  // namespace ktstr::git
