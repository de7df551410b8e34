// SPDX-License-Identifier: Apache-2.0
#include "config/runs_place.hpp"

#include <ktstr/kit/text.hpp>
#include <list>
#include <vector>

#include "support/confinement.hpp"
#include "support/process.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr int kMostLinks = 40;  // as the kernel has it

/// The links that a walk to `path` follows, each by its real place.
std::vector<fs::path> links_on_the_way(const fs::path& path) {
  std::vector<fs::path> links;
  std::list<fs::path> rest(path.begin(), path.end());
  fs::path at;
  std::error_code failed;
  while (!rest.empty() && links.size() < kMostLinks) {
    const fs::path part = rest.front();
    rest.pop_front();
    if (part.empty() || part == ".") continue;
    if (part.is_absolute() || part == "..") {
      at = part.is_absolute() ? part : at.parent_path();
      continue;
    }
    const fs::path next = at / part;
    if (!fs::is_symlink(fs::symlink_status(next, failed))) {
      at = next;
      continue;
    }
    links.push_back(next);
    const fs::path target = fs::read_symlink(next, failed);
    rest.insert(rest.begin(), target.begin(), target.end());
  }
  return links;
}

enum class Tracked { kYes, kNo, kUnknown };

/// Asks git with nothing of the repository's configuration that starts a program.
Tracked tracked(const fs::path& link, const std::atomic<bool>& cancel) {
  kit::Program ask;
  ask.argv = {"git",      "--literal-pathspecs",      "-c", "core.fsmonitor=false",
              "-c",       "core.hooksPath=/dev/null", "-C", link.parent_path().string(),
              "ls-files", "--error-unmatch",          "--", link.filename().string()};
  ask.environment = kit::environment_with({{"LC_ALL", "C"}, {"GIT_OPTIONAL_LOCKS", "0"}},
                                          {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"});
  ask.limit = std::chrono::seconds(20);
  ask.keep = 4096;
  const auto answer = run_process(ask, cancel);
  if (!answer || answer->signal != 0) return Tracked::kUnknown;
  return answer->status == 0 ? Tracked::kYes : answer->status == 1 ? Tracked::kNo : Tracked::kUnknown;
}

}  // namespace

fs::path runs_root(const Config& config, const Environment& environment) {
  const fs::path target = environment.cargo_target_dir.empty() ? config.project_dir / "target"
                                                               : fs::absolute(environment.cargo_target_dir);
  return (target / "ktstr").lexically_normal();
}

Status check_runs_root(const fs::path& project_dir, const fs::path& root, const std::atomic<bool>& cancel) {
  if (root.empty() || path_in_project(project_dir, root.string(), "")) return Ok{};
  std::error_code failed;
  const fs::path project = fs::canonical(project_dir, failed);
  const fs::path asked = root.lexically_relative(project_dir.lexically_normal());
  if (failed) return Ok{};
  for (const fs::path& link : links_on_the_way(project / asked)) {
    if (!is_written_in(link, project)) continue;
    const Tracked known = tracked(link, cancel);
    if (known == Tracked::kNo) continue;
    const fs::path target = fs::read_symlink(link, failed);
    return usage_error(
        printable(link.string()) + " is a link out of the project (to " + printable(target.string()) +
            "), and " +
            (known == Tracked::kYes ? "the repository brought it" : "git cannot tell whether you made it") +
            ": no results are kept behind it",
        "if you want them there, say so: CARGO_TARGET_DIR=DIR");
  }
  return Ok{};
}

}  // namespace ktstr
