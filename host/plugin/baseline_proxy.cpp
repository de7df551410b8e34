// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "plugin/collector.hpp"
#include "plugin/commit_names.hpp"
#include "plugin/proxies.hpp"

namespace ktstr {
namespace {

class BaselineProxy : public BaselinePort {
 public:
  explicit BaselineProxy(std::unique_ptr<PluginInstance> instance) : instance_(std::move(instance)) {
    KTSTR_ASSERT(instance_ != nullptr);
  }

  Result<Tree> describe(const std::string& path) override {
    ktstr_commit head{};
    head.size = sizeof head;
    ktstr_tree out{};
    out.size = sizeof out;
    out.commit = &head;
    const Status status = call_plugin(
        *instance_, "describe",
        [&](ktstr_error* e) { return table()->describe(instance_->self(), borrowed(path), &out, e); },
        ExitCode::kEnvironment);
    if (!status) return status.error();
    if (const Status usable = check(head); !usable && head.id[0] != '\0') return usable.error();
    out.branch[sizeof out.branch - 1] = '\0';
    out.subdirectory[sizeof out.subdirectory - 1] = '\0';
    out.state[sizeof out.state - 1] = '\0';
    Tree tree;
    tree.is_repository = (out.flags & KTSTR_TREE_IS_REPOSITORY) != 0;
    tree.dirty = (out.flags & KTSTR_TREE_DIRTY) != 0;
    tree.shallow = (out.flags & KTSTR_TREE_SHALLOW) != 0;
    tree.commit = head.id;
    tree.label = head.label;
    tree.branch = out.branch;
    tree.subdirectory = out.subdirectory;
    tree.state = out.state;
    return tree;
  }
  Result<ResolvedBaseline> resolve(const BaselineRequest& request) override {
    const ktstr_baseline_request in = {sizeof(ktstr_baseline_request),  0,
                                       borrowed(request.path),          borrowed(request.base),
                                       borrowed(request.base_ref),      borrowed(request.ci_base_ref),
                                       borrowed(request.default_branch)};
    ktstr_commit commit{};
    commit.size = sizeof commit;
    ktstr_resolved out{};
    out.size = sizeof out;
    out.commit = &commit;
    const Status status = call_plugin(
        *instance_, "resolve",
        [&](ktstr_error* e) { return table()->resolve(instance_->self(), &in, &out, e); },
        ExitCode::kEnvironment);
    if (!status) return status.error();
    if (const Status usable = check(commit); !usable) return usable.error();
    out.how_text[sizeof out.how_text - 1] = '\0';
    return ResolvedBaseline{commit.id, commit.label, out.how, out.how_text};
  }
  Status checkout(const std::string& path, const std::string& commit, const std::string& destination,
                  bool worktree) override {
    return call_plugin(
        *instance_, "checkout",
        [&](ktstr_error* e) {
          return table()->checkout(instance_->self(), borrowed(path), borrowed(commit), borrowed(destination),
                                   worktree ? KTSTR_CHECKOUT_WORKTREE : 0U, e);
        },
        ExitCode::kEnvironment);
  }
  Result<std::vector<CommitEntry>> range(const std::string& path, const std::string& good,
                                         const std::string& bad) override {
    if (!KTSTR_HAS(ktstr_baseline_v1, table(), range) || table()->range == nullptr)
      return plugin_error("this baseline plugin cannot list the commits of a range");
    Walk walk{*this, {}};
    const Status status = call_plugin(
        *instance_, "range",
        [&](ktstr_error* e) {
          return table()->range(instance_->self(), borrowed(path), borrowed(good), borrowed(bad), visit,
                                &walk, e);
        },
        ExitCode::kEnvironment);
    if (!walk.problem) return walk.problem.error();
    if (!status) return status.error();
    return std::move(walk.commits);
  }
  std::string diff_command(const std::string& path, const std::string& base,
                           const std::string& head) override {
    if (!KTSTR_HAS(ktstr_baseline_v1, table(), diff_command) || table()->diff_command == nullptr) return {};
    const ktstr_diff_request request = {sizeof request, 0, borrowed(path), borrowed(base), borrowed(head)};
    Collector text(1 << 12);
    const Status status = call_plugin(*instance_, "diff_command", [&](ktstr_error* e) {
      return table()->diff_command(instance_->self(), &request, text.writer(), e);
    });
    return status ? printable(text.take()) : std::string();
  }
  Result<std::optional<std::vector<std::string>>> changed_files(const std::string& path,
                                                                const std::string& base,
                                                                const std::string& head) override {
    const std::optional<std::vector<std::string>> nothing;
    if (!KTSTR_HAS(ktstr_baseline_v1, table(), changed_files) || table()->changed_files == nullptr)
      return nothing;
    const ktstr_diff_request request = {sizeof request, 0, borrowed(path), borrowed(base), borrowed(head)};
    std::vector<std::string> paths;
    ktstr_status answer = KTSTR_OK;
    const Status status = call_plugin(*instance_, "changed_files", [&](ktstr_error* e) {
      return answer = table()->changed_files(instance_->self(), &request, note_path, &paths, e);
    });
    if (answer == KTSTR_UNSUPPORTED) return nothing;
    if (!status) return status.error();
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return std::optional(std::move(paths));
  }

 private:
  struct Walk {
    const BaselineProxy& self;
    std::vector<CommitEntry> commits;
    Status problem = Ok{};
    std::set<std::string> labels{};
  };
  static ktstr_status visit(void* ctx, const ktstr_commit* commit) noexcept {
    auto& walk = *static_cast<Walk*>(ctx);
    try {
      if (!KTSTR_HAS(ktstr_commit, commit, time_s)) return KTSTR_INVALID_ARGUMENT;
      ktstr_commit copy = *commit;
      walk.problem = walk.self.check(copy);
      if (walk.problem && !walk.labels.insert(copy.label).second) {
        walk.problem = plugin_error("the " + walk.self.instance_->what() + " gave two commits the label \"" +
                                    copy.label + "\"");
      }
      if (!walk.problem) return KTSTR_BAD_DATA;
      walk.commits.push_back({copy.id, copy.label, copy.summary, copy.time_s});
      KTSTR_ASSERT(walk.commits.size() == walk.labels.size());
      return KTSTR_OK;
    } catch (...) {
      return KTSTR_INTERNAL;
    }
  }
  /// A path is compared and shown, never opened: any bytes will do.
  static ktstr_status note_path(void* ctx, ktstr_str path) noexcept {
    try {
      if (path.ptr == nullptr || path.len == 0 || path.len > 4096) return KTSTR_INVALID_ARGUMENT;
      static_cast<std::vector<std::string>*>(ctx)->push_back(owned(path));
      return KTSTR_OK;
    } catch (...) {
      return KTSTR_INTERNAL;
    }
  }
  /// Ends the texts. What does not hold would end up in file names.
  Status check(ktstr_commit& commit) const {
    commit.id[sizeof commit.id - 1] = commit.label[sizeof commit.label - 1] =
        commit.summary[sizeof commit.summary - 1] = '\0';
    const std::string id = commit.id, label = commit.label;
    if (commit.reserved == 0 && is_commit_id(id) && is_commit_label(label)) return Ok{};
    return plugin_error("the " + instance_->what() + " gave the commit \"" + printable(id) +
                            "\" the label \"" + printable(label) + "\", which cannot be a part of names",
                        "an id is printable without spaces, a label letters, digits, \".\", \"_\", \"+\" and "
                        "\"-\", not \".\" or \"-\" first, without \"-dirty\" last");
  }
  const ktstr_baseline_v1* table() const { return instance_->table<ktstr_baseline_v1>(); }
  std::unique_ptr<PluginInstance> instance_;
};

}  // namespace

std::unique_ptr<BaselinePort> baseline_proxy(std::unique_ptr<PluginInstance> instance, const std::string&) {
  return std::make_unique<BaselineProxy>(std::move(instance));
}

}  // namespace ktstr
