// SPDX-License-Identifier: Apache-2.0
#include "session/kernels.hpp"

#include <algorithm>
#include <filesystem>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/text.hpp>

#include "kernels/cache_directory.hpp"
#include "kernels/version_range.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace {

constexpr std::chrono::hours kLongestBuild{24};

/// Of the cache and of Debian; the former are looked at as a whole where they are taken.
Status add_range(const AppContext& context, const VersionRange& range, const std::vector<Kernel>& cached,
                 const std::vector<std::string>& packaged, std::vector<Kernel>& kernels) {
  for (const Kernel& kernel : cached) {
    if (!kernel.problem.empty() || !range.contains(kernel.version)) continue;
    auto whole = context.kernels.find(kernel.name);
    if (!whole) return whole.error();
    kernels.push_back(std::move(*whole));
  }
  for (const std::string& version : packaged) {
    if (!range.contains(version)) continue;
    Kernel later;
    later.version = version;
    kernels.push_back(std::move(later));
  }
  return Ok{};
}

}  // namespace

Result<std::vector<Kernel>> named_kernels(const AppContext& context, const std::vector<std::string>& specs,
                                          bool packaged) {
  if (!packaged) return context.kernels.find_all(specs);
  const auto cached = context.kernels.list();
  if (!cached) return cached.error();
  const auto versions = context.kernels.packaged(context.inform);
  if (!versions) return versions.error();
  std::vector<Kernel> kernels;
  for (const std::string& spec : specs) {
    const auto range = version_range(spec);
    if (!range) return range.error();
    if (!*range) {
      auto one =
          looks_like_version(spec) ? context.kernels.fetch(spec, context.inform) : context.kernels.find(spec);
      if (!one) return one.error();
      kernels.push_back(std::move(*one));
      continue;
    }
    const std::size_t before = kernels.size();
    if (const Status added = add_range(context, **range, *cached, *versions, kernels); !added)
      return added.error();
    if (kernels.size() == before)
      return environment_error("neither the cache nor Debian has a kernel in " + printable(spec),
                               "ktstr kernel list");
  }
  return kernels;
}

Result<Kernel> built_kernel(const AppContext& context, BaselinePort& baseline, const KernelCommit& wanted) {
  const auto with_commit = [&](Result<Kernel> kernel) {
    if (!kernel) return kernel;
    kernel->commit = wanted.label;
    kernel->commit_full = wanted.commit;
    return kernel;
  };
  const std::string name =
      "git-" + wanted.label + "-" + kit::sha256_of(wanted.commit + "\n" + wanted.command).substr(0, 8);
  const auto cached = context.kernels.list();
  if (!cached) return cached.error();
  const bool known = std::any_of(cached->begin(), cached->end(), [&](const Kernel& kernel) {
    return kernel.name == name && kernel.problem.empty();
  });
  if (known) return with_commit(context.kernels.find(name));
  if (const Status made = make_cache_directory(context.config.cache_dir); !made) return made.error();
  auto scratch = make_scratch_directory(context.config.cache_dir, ".building-");
  if (!scratch) return scratch.error();
  const std::filesystem::path files = scratch->path() / "linux";
  std::error_code error;
  std::filesystem::create_directory(files, error);  // where it is not there, the checkout says so
  context.inform("building the kernel of " + printable(wanted.label) + " " + printable(wanted.summary));
  if (const Status out = baseline.checkout(wanted.repository, wanted.commit, files.string(), false); !out)
    return out.error();
  kit::Program program;
  program.argv = {"sh", "-c", wanted.command};
  program.directory = files.string();
  program.limit = kLongestBuild;
  const Status built = run_build(context, std::move(program), " of kernel " + wanted.label,
                                 "cd " + wanted.repository + " && git checkout " + wanted.label,
                                 "kernel build of " + wanted.repository + ": " + wanted.command);
  if (!built) return built.error();
  return with_commit(context.kernels.add(files, name, "built from " + wanted.repository));
}

}  // namespace ktstr
