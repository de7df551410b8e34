// SPDX-License-Identifier: Apache-2.0
#include "git_baseline.hpp"

#include <array>
#include <ktstr/kit/assert.hpp>

#include "resolution.hpp"
#include "submodules.hpp"
#include "tree_state.hpp"
#include "tree_writer.hpp"
#include "worktree_copy.hpp"

namespace ktstr::git {
namespace fs = std::filesystem;
using sdk::Error;

namespace {

constexpr int kDeepest = 16;  // submodules of submodules

/// Formats that libgit2 does not ask about but reads well: what they change is none of its business, or
/// handled here.
constexpr std::array<const char*, 4> kExtensions = {"preciousobjects", "partialclone", "worktreeconfig",
                                                    "relativeworktrees"};

Access must_open(const fs::path& path, const Services& services) {
  Access access(path, services);
  if (!access.exists())
    throw Error(KTSTR_UNAVAILABLE, path.string() + " is not in a git repository",
                "run git init and commit the project");
  return access;
}

std::string subdirectory_of(const fs::path& path, const fs::path& top) {
  if (top.empty()) return {};
  std::error_code error;
  const fs::path below = fs::relative(fs::canonical(path, error), fs::canonical(top, error), error);
  if (error || below == "." || below.empty() || *below.begin() == "..") return {};
  return below.string();
}

}  // namespace

GitBaseline::GitBaseline(std::function<void(const std::string&)> warn, std::function<bool()> cancelled) {
  git_libgit2_init();
  // CI checks out as one user and runs as another. libgit2 runs no hook, filter or configured program, so the
  // check that protects the git command from a stranger's configuration has nothing to protect here.
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, kExtensions.data(), kExtensions.size());
  services_.cancelled = std::move(cancelled);
  services_.warn = [this, warn = std::move(warn)](const std::string& line) {
    const kit::Lock lock(mutex_);
    if (told_.insert(line).second) warn(line);
  };
}

GitBaseline::~GitBaseline() { git_libgit2_shutdown(); }

void GitBaseline::describe(std::string_view path, ktstr_tree& out) {
  const fs::path place(path);
  try {
    Access access(place, services_);
    if (!access.exists()) return;
    out.flags |= KTSTR_TREE_IS_REPOSITORY;
    describe_head(access, place, out);
  } catch (const Error& error) {
    if (error.status() == KTSTR_CANCELLED) throw;
    services_.warn("the commit of " + place.string() + " cannot be found out: " + error.message() +
                   (error.hint().empty() ? "" : " (" + error.hint() + ")"));
  }
}

void GitBaseline::describe_head(Access& access, const fs::path& path, ktstr_tree& out) {
  const std::string below = subdirectory_of(path, access.ask([](Repository& r) { return r.worktree(); }));
  if (below.size() >= sizeof out.subdirectory)
    throw Error(KTSTR_UNSUPPORTED, "the project lies too deep below its repository: " + below);
  sdk::copy_text(out.subdirectory, below);
  if (access.ask([](Repository& r) { return r.shallow(); })) out.flags |= KTSTR_TREE_SHALLOW;
  const std::string head = access.ask([](Repository& r) { return r.head(); });
  if (head.empty()) return;
  sdk::fill_commit(*out.commit, sdk::commit_of(head, label_of(head)));
  sdk::copy_text(out.branch, access.ask([](Repository& r) { return r.branch(); }));
  try {
    const auto changed = access.ask([](Repository& r) { return r.changed_files(); });
    if (changed.empty()) return;
    out.flags |= KTSTR_TREE_DIRTY;
    sdk::copy_text(out.state,
                   tree_state(access.ask([](Repository& r) { return r.worktree(); }), head, changed));
  } catch (const Error& error) {
    if (error.status() == KTSTR_CANCELLED) throw;
    services_.warn("whether " + path.string() +
                   " differs from its commit cannot be found out, so it counts as clean: " + error.message() +
                   (error.hint().empty() ? "" : " (" + error.hint() + ")"));
  }
}

void GitBaseline::resolve(const ktstr_baseline_request& request, ktstr_resolved& out) {
  Access access = must_open(sdk::view(request.path), services_);
  access.ask([&](Repository& repository) { resolve_baseline(repository, request, out); });
}

void GitBaseline::checkout(std::string_view path, std::string_view commit, std::string_view destination,
                           std::uint32_t flags) {
  Access access = must_open(path, services_);
  if ((flags & KTSTR_CHECKOUT_WORKTREE) != 0) return write_worktree(access, destination, "", 0);
  const std::string found = access.ask(
      [&](Repository& repository) { return must_find(repository, std::string(commit), "checkout"); });
  write_commit(access, found, destination, "", 0);
}

void GitBaseline::write_commit(Access& access, const std::string& commit, const fs::path& destination,
                               const std::string& prefix, int depth) {
  KTSTR_ASSERT(depth >= 0 && depth <= kDeepest);
  const std::vector<Gitlink> links = access.write_commit(commit, destination);
  if (links.empty()) return;
  const auto names = submodule_names(destination);
  for (const Gitlink& link : links) {
    const auto name = names.find(link.path);
    write_submodule(access, link, name == names.end() ? link.path : name->second, destination, prefix, depth);
  }
}

void GitBaseline::write_submodule(Access& around, const Gitlink& link, const std::string& name,
                                  const fs::path& destination, const std::string& prefix, int depth) {
  const std::string shown = prefix + link.path;
  const auto directories = around.ask([](Repository& r) {
    return std::vector<fs::path>{r.git_directory(), r.common_directory()};
  });
  const fs::path worktree = around.ask([](Repository& r) { return r.worktree(); });
  bool initialised = false;
  for (const fs::path& place : submodule_places(directories, worktree, name, link.path)) {
    std::error_code error;
    if (depth >= kDeepest || !fs::exists(place, error)) continue;
    Access inside = Access::at(place, services_);
    if (!inside.exists()) continue;
    initialised = true;
    if (inside.ask([&](Repository& r) { return r.find_commit(link.commit); }).empty()) continue;
    TreeWriter(destination.string()).directory(link.path);
    return write_commit(inside, link.commit, destination / link.path, shown + "/", depth + 1);
  }
  services_.warn(initialised ? "checkouts lack the submodule " + shown + ": its commit " +
                                   link.commit.substr(0, 12) + " is not there (git fetch in it)"
                             : "checkouts lack the submodule " + shown +
                                   ": it is not initialised (git submodule update --init --recursive)");
}

void GitBaseline::write_worktree(Access& access, const fs::path& destination, const std::string& prefix,
                                 int depth) {
  const fs::path top = access.ask([](Repository& r) { return r.worktree(); });
  if (top.empty()) throw Error(KTSTR_UNSUPPORTED, "the repository is bare: it has no work tree to copy");
  const auto entries = access.ask([](Repository& r) { return r.worktree_entries(); });
  KTSTR_ASSERT(depth >= 0 && depth <= kDeepest && (prefix.empty() || prefix.ends_with('/')));
  copy_worktree(top, prefix, entries, destination, services_);
  for (const WorktreeEntry& entry : entries) {
    if (!entry.repository) continue;
    const std::string shown = prefix + entry.path;
    std::error_code error;
    if (entry.untracked) {
      services_.warn("the copy of the work tree is without " + shown +
                     ", an untracked repository of its own");
    } else if (!fs::exists(top / entry.path / ".git", error) || depth >= kDeepest) {
      services_.warn("the copy of the work tree lacks the submodule " + shown +
                     ": it is not initialised (git submodule update --init --recursive)");
    } else {
      TreeWriter(destination.string()).directory(entry.path);
      Access inside = must_open(top / entry.path, services_);
      write_worktree(inside, destination / entry.path, shown + "/", depth + 1);
    }
  }
}

void GitBaseline::range(std::string_view path, std::string_view good, std::string_view bad,
                        const sdk::CommitVisitor& visit) {
  Access access = must_open(path, services_);
  const auto line = access.ask([&](Repository& repository) {
    return first_parent_line(repository, std::string(good), std::string(bad));
  });
  for (auto commit = line.rbegin(); commit != line.rend(); ++commit)
    visit(sdk::commit_of(commit->id, label_of(commit->id), commit->summary, commit->time_s));
}

std::string GitBaseline::diff_command(std::string_view, std::string_view base, std::string_view head) {
  if (base.empty()) return "git show " + label_of(head);
  return "git diff " + label_of(base) + (head.empty() ? "" : " " + label_of(head));
}

void GitBaseline::changed_files(std::string_view path, std::string_view base, std::string_view head,
                                const sdk::PathVisitor& visit) {
  Access access = must_open(path, services_);
  const auto tell = [&](const std::vector<std::string>& paths) {
    for (const std::string& one : paths) visit(one);
  };
  const std::string from =
      access.ask([&](Repository& repository) { return must_find(repository, std::string(base), "base"); });
  const std::string to = access.ask([&](Repository& repository) {
    return head.empty() ? repository.head() : must_find(repository, std::string(head), "head");
  });
  tell(access.ask([&](Repository& repository) { return repository.changed_between(from, to); }));
  if (!head.empty()) return;
  tell(access.ask([](Repository& repository) { return repository.changed_files(); }));
  tell(access.ask([](Repository& repository) { return repository.changed_submodules(); }));
  for (const WorktreeEntry& entry : access.ask([](Repository& r) { return r.worktree_entries(); })) {
    if (entry.untracked) visit(entry.path);
  }
}

}  // namespace ktstr::git
