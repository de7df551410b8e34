// SPDX-License-Identifier: Apache-2.0
#include "delta/bisect_line.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <optional>

#include "session/kernels.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

Bisected place_of(std::string id, std::string label, std::string summary) {
  Bisected place;
  place.id = std::move(id);
  place.label = std::move(label);
  place.summary = std::move(summary);
  return place;
}

/// Commits of the project, on one kernel.
class CommitLine : public BisectLine {
 public:
  CommitLine(const BisectRequest& request, BaselinePort& baseline, std::string path,
             const std::vector<CommitEntry>& range, Kernel kernel)
      : request_(request), baseline_(baseline), path_(std::move(path)), kernel_(std::move(kernel)) {
    for (const CommitEntry& entry : range)
      places_.push_back(place_of(entry.commit, entry.label, printable(entry.summary)));
  }
  Result<SideSpec> side(std::size_t at) override {
    const bool last = at + 1 == places_.size();
    const Bisected& place = places_.at(at);
    return SideSpec{at == 0 ? "good"
                    : last  ? "bad"
                            : "candidate",
                    at == 0 ? "base" : "head",
                    place.id,
                    place.label,
                    false,
                    {},
                    {},
                    {}};
  }
  const Kernel& kernel() const override { return kernel_; }
  std::string show(std::size_t at) const override {
    return baseline_.diff_command(path_, "", places_.at(at).id);
  }
  std::string name(std::size_t at) const override {
    return at == 0 ? "--good " + printable(request_.good) : "--bad " + printable(request_.bad);
  }
  std::string ground() const override { return "--good or --bad"; }

 private:
  const BisectRequest& request_;
  BaselinePort& baseline_;
  std::string path_;
  Kernel kernel_;
};

/// The project as it lies there, on several kernels.
class KernelLine : public BisectLine {
 public:
  KernelLine(const BisectRequest& request, const Tree& tree) : request_(request), tree_(tree) {}

  Result<SideSpec> side(std::size_t at) override {
    std::optional<Kernel>& kernel = kernels_.at(at);
    if (!kernel) {
      auto got = get(at);
      if (!got) return got.error();
      kernel = std::move(*got);
    }
    const std::string label = commit_label(tree_.label, tree_.dirty);
    return SideSpec{
        printable(kernel->id()), at == 0 ? "base" : "head", tree_.commit, label, tree_.dirty, {}, {}, kernel};
  }
  const Kernel& kernel() const override {
    KTSTR_ASSERT(kernels_.front().has_value());
    return *kernels_.front();
  }
  std::string name(std::size_t at) const override { return "kernel " + printable(places_.at(at).label); }
  std::string ground() const override { return "HEAD"; }

 protected:
  virtual Result<Kernel> get(std::size_t at) = 0;

  const BisectRequest& request_;
  const Tree tree_;
  std::vector<std::optional<Kernel>> kernels_;  ///< of the places, as far as they are there
};

/// Kernels by their versions: cached ones, and packages that are fetched when it is their turn.
class VersionLine : public KernelLine {
 public:
  VersionLine(const AppContext& context, const BisectRequest& request, const Tree& tree,
              std::vector<Kernel> kernels)
      : KernelLine(request, tree), context_(context) {
    for (Kernel& kernel : kernels) {
      places_.push_back(place_of(kernel.id(), kernel.id(), printable(kernel.release)));
      kernels_.emplace_back();
      if (!kernel.image.empty()) kernels_.back() = std::move(kernel);
    }
  }
  std::string show(std::size_t at) const override {
    KTSTR_ASSERT(at > 0);
    return "ktstr perf-delta --axis kernel " + printable(places_.at(at - 1).id) + " " +
           printable(places_.at(at).id) + " -E " + kit::shell_word(printable(request_.filter.text())) +
           " --noise-adjust " + std::to_string(request_.repeats) +
           (request_.deterministic ? " --deterministic" : "");
  }

 private:
  Result<Kernel> get(std::size_t at) override {
    auto kernel = context_.kernels.fetch(places_.at(at).id, context_.inform);
    if (kernel) places_.at(at).summary = printable(kernel->release);
    return kernel;
  }

  const AppContext& context_;
};

/// Commits of a tree of Linux, each built when it is its turn and kept among the cached kernels.
class KernelCommitLine : public KernelLine {
 public:
  KernelCommitLine(const AppContext& context, const BisectRequest& request, BaselinePort& baseline,
                   const Tree& tree, const std::vector<CommitEntry>& range)
      : KernelLine(request, tree), context_(context), baseline_(baseline) {
    for (const CommitEntry& entry : range) {
      places_.push_back(place_of(entry.commit, entry.label, printable(entry.summary)));
      kernels_.emplace_back();
    }
  }
  std::string show(std::size_t at) const override {
    return baseline_.diff_command(request_.kernel_git, "", places_.at(at).id);
  }

 private:
  Result<Kernel> get(std::size_t at) override {
    const Bisected& place = places_.at(at);
    return built_kernel(context_, baseline_,
                        {request_.kernel_git, place.id, place.label, place.summary, request_.kernel_build});
  }

  const AppContext& context_;
  BaselinePort& baseline_;
};

Result<std::unique_ptr<BisectLine>> version_line(const AppContext& context, const BisectRequest& request,
                                                 const Tree& tree) {
  const auto needed = context.plugins.runner_needs_kernel(context.config.runner.use);
  if (!needed) return needed.error();
  if (!*needed)
    return usage_error("the runner " + printable(context.config.runner.use) +
                       " runs its tests on the kernel of this machine: there are none to search");
  auto kernels = named_kernels(context, request.kernels, request.fetch);
  if (!kernels) return kernels.error();
  *kernels = oldest_first(std::move(*kernels));
  if (kernels->size() < 2)
    return usage_error(
        "there is nothing to search in one kernel",
        "--kernel is repeatable and takes ranges (6.12..6.18) of what ktstr kernel list shows; "
        "--fetch adds Debian's; or search commits: --good A --bad B");
  return std::unique_ptr<BisectLine>(
      std::make_unique<VersionLine>(context, request, tree, std::move(*kernels)));
}

}  // namespace

Result<std::unique_ptr<BisectLine>> bisect_line(const AppContext& context, const BisectRequest& request,
                                                BaselinePort& baseline, const Tree& tree) {
  const std::string path = context.config.project_dir.string();
  if (request.of_kernels() && tree.commit.empty())
    return environment_error("the project has no commit to file the results under", "commit it");
  if (request.of_kernels() && request.kernel_git.empty()) return version_line(context, request, tree);
  const auto range =
      baseline.range(request.kernel_git.empty() ? path : request.kernel_git, request.good, request.bad);
  if (!range) return range.error();
  if (range->size() < 2)
    return usage_error("--good and --bad are the same commit: there is nothing between them");
  if (!request.kernel_git.empty())
    return std::unique_ptr<BisectLine>(
        std::make_unique<KernelCommitLine>(context, request, baseline, tree, *range));
  auto kernel = resolve_kernel(context, request.kernels.empty() ? std::string() : request.kernels.front());
  if (!kernel) return kernel.error();
  return std::unique_ptr<BisectLine>(
      std::make_unique<CommitLine>(request, baseline, path, *range, std::move(*kernel)));
}

}  // namespace ktstr
