// SPDX-License-Identifier: Apache-2.0
#include "program_repository.hpp"

#include <algorithm>
#include <charconv>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/sdk.hpp>
#include <map>
#include <set>

#include "worktree_place.hpp"

namespace ktstr::git {
namespace fs = std::filesystem;
std::unique_ptr<ProgramRepository> ProgramRepository::around(const fs::path& path, const Services& services) {
  std::unique_ptr<ProgramRepository> made(new ProgramRepository({"-C", path.string()}, services));
  made->open();
  if (made->must({"rev-parse", "--is-inside-work-tree"}) == "true\n") {
    std::string top = made->must({"rev-parse", "--show-toplevel"});
    made->worktree_ = top.substr(0, top.size() - 1);
    const fs::path found = find_dot_git(path);
    if (!found.empty()) refuse_foreign_worktree(found, made->worktree_);
    made->where_ = {"-C", made->worktree_.string()};
  }
  return made;
}

std::unique_ptr<ProgramRepository> ProgramRepository::at(const fs::path& git_directory,
                                                         const Services& services) {
  std::unique_ptr<ProgramRepository> made(new ProgramRepository(
      {"-C", git_directory.string()}, services));  // -C: with --git-dir git would trust any owner
  made->open();
  return made;
}

void ProgramRepository::open() {
  const std::vector<std::string> lines =
      kit::lines(must({"rev-parse", "--absolute-git-dir", "--path-format=absolute", "--git-common-dir",
                       "--is-shallow-repository"}));
  if (lines.size() != 3) throw CannotRead("git is too old: 2.31 or newer is needed");
  git_directory_ = lines[0];
  common_directory_ = lines[1];
  shallow_ = lines[2] == "true";
}

GitAnswer ProgramRepository::ask(std::vector<std::string> arguments, GitCall call) const {
  call.arguments = where_;
  KTSTR_ASSERT(!where_.empty());  // else git would take the directory that we are in
  call.arguments.insert(call.arguments.end(), arguments.begin(), arguments.end());
  return run_git(call, services_.cancelled);
}

std::string ProgramRepository::must(std::vector<std::string> arguments, GitCall call) const {
  GitAnswer answer = ask(std::move(arguments), std::move(call));
  if (!answer.ok()) throw CannotRead(answer.complaint());
  return std::move(answer.out);
}

/// By its reference alone: a label needs no object.
std::string ProgramRepository::head() {
  const GitAnswer answer = ask({"rev-parse", "--verify", "--quiet", "HEAD"});
  if (answer.ok()) return std::string(kit::first_line_of(answer.out));
  if (!answer.err.empty()) throw CannotRead(answer.complaint());
  return {};
}

std::string ProgramRepository::branch() {
  const GitAnswer answer = ask({"symbolic-ref", "--quiet", "--short", "HEAD"});
  return answer.ok() ? std::string(kit::first_line_of(answer.out)) : std::string();
}

/// Settings that switch off the filters which the repository's own configuration names: looking must not
/// start them.
std::vector<std::pair<std::string, std::string>> ProgramRepository::without_own_filters() const {
  const std::vector<std::string> parts =
      split_nul(ask({"config", "-z", "--show-scope", "--name-only", "--get-regexp", "^filter\\."}).out);
  std::set<std::string> drivers;
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    if (parts[i] == "local" || parts[i] == "worktree")
      drivers.insert(parts[i + 1].substr(0, parts[i + 1].rfind('.')));
  }
  std::vector<std::pair<std::string, std::string>> settings;
  for (const std::string& driver : drivers) {
    settings.insert(settings.end(),
                    {{driver + ".clean", ""}, {driver + ".process", ""}, {driver + ".required", "false"}});
  }
  return settings;
}

std::vector<std::string> ProgramRepository::changed_files() {
  if (worktree_.empty()) return {};
  GitCall call;
  call.settings = without_own_filters();
  const std::string status =
      must({"status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=all", "--no-renames"},
           call);
  std::vector<std::string> changed;
  for (const std::string& entry : split_nul(status))
    changed.push_back(entry.substr(std::min<std::size_t>(entry.size(), 3)));  // "XY path"
  return changed;
}

std::vector<std::string> ProgramRepository::changed_submodules() {
  if (worktree_.empty()) return {};
  GitCall call;
  call.settings = without_own_filters();
  const std::string status = must(
      {"status", "--porcelain=v2", "-z", "--untracked-files=no", "--ignore-submodules=none", "--no-renames"},
      call);
  std::vector<std::string> changed;
  for (const std::string& entry : split_nul(status)) {  // "1 XY S... mH mI mW hH hI path"
    const std::vector<std::string> words = kit::split(entry, ' ');
    if (words.size() < 9 || !words[2].starts_with('S')) continue;
    std::size_t at = 0;
    for (int word = 0; word < 8; ++word) at = entry.find(' ', at) + 1;
    changed.push_back(entry.substr(at));
  }
  return changed;
}

std::vector<std::string> ProgramRepository::changed_between(const std::string& one,
                                                            const std::string& other) {
  return split_nul(must({"diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff",
                         "--ignore-submodules=none", one, other, "--"}));
}

std::string ProgramRepository::find_commit(const std::string& name) {
  if (name.empty() || name.front() == '-') return {};
  const GitAnswer answer = ask({"rev-parse", "--verify", "--quiet", name + "^{commit}"});
  return answer.ok() ? std::string(kit::first_line_of(answer.out)) : std::string();
}

std::string ProgramRepository::merge_base(const std::string& one, const std::string& other) {
  const GitAnswer answer = ask({"merge-base", one, other});
  if (answer.ok()) return std::string(kit::first_line_of(answer.out));
  if (answer.status != 1) throw CannotRead(answer.complaint());
  return {};
}

std::vector<std::string> ProgramRepository::references() {
  return kit::lines(must({"for-each-ref", "--format=%(refname)"}));
}

bool ProgramRepository::first_parents(const std::string& newest, const std::string& oldest,
                                      const FirstParentVisitor& visit) {
  // "commit HASH", and the time and the subject, in turns.
  const std::vector<std::string> lines =
      kit::lines(must({"rev-list", "--first-parent", "--format=%ct %s", newest, "--"}));
  for (std::size_t i = 0; i + 1 < lines.size(); i += 2) {
    const std::string commit = lines[i].substr(lines[i].find(' ') + 1);
    const std::size_t space = std::min(lines[i + 1].find(' '), lines[i + 1].size());
    LineCommit one{commit, lines[i + 1].substr(std::min(space + 1, lines[i + 1].size()))};
    std::from_chars(lines[i + 1].data(), lines[i + 1].data() + space, one.time_s);
    visit(one);
    if (commit == oldest) return true;
  }
  return false;
}

std::vector<WorktreeEntry> ProgramRepository::worktree_entries() {
  std::vector<WorktreeEntry> entries;
  for (const std::string& line : split_nul(must({"ls-files", "-z", "--stage"}))) {  // "160000 HASH 0\tpath"
    std::string path = line.substr(std::min(line.find('\t'), line.size() - 1) + 1);
    if (entries.empty() || entries.back().path != path)
      entries.push_back({std::move(path), false, line.starts_with("160000")});
  }
  for (std::string& path : split_nul(must({"ls-files", "-z", "--others", "--exclude-standard"}))) {
    const bool repository = path.ends_with('/');
    if (repository) path.pop_back();
    entries.push_back({std::move(path), true, repository});
  }
  return entries;
}

}  // namespace ktstr::git
