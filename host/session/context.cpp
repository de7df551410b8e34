// SPDX-License-Identifier: Apache-2.0
#include "session/context.hpp"

#include <glob.h>
#include <sys/utsname.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "config/runs_place.hpp"
#include "support/confinement.hpp"
#include "support/details.hpp"
#include "support/files.hpp"
#include "support/process.hpp"
#include "support/wait.hpp"

namespace ktstr {
namespace fs = std::filesystem;

namespace {
constexpr const char* kDirectoryStore = "fs";
}

json::array used_plugins(const AppContext& context, std::initializer_list<std::string_view> kinds) {
  json::array out;
  for (const PluginIdentity& one : context.plugins.used()) {
    if (kinds.size() != 0 && std::find(kinds.begin(), kinds.end(), one.kind) == kinds.end()) continue;
    out.push_back({{"kind", one.kind},
                   {"name", one.name},
                   {"id", one.id},
                   {"version", one.version},
                   {"sha256", one.sha256.empty() ? json::value(nullptr) : json::value(one.sha256)}});
  }
  return out;
}

Creation creation_of(const AppContext& context, const std::string& options_json) {
  Creation creation(options_json);
  creation.project_dir = context.config.project_dir.string();
  creation.cache_dir = context.config.cache_dir.string();
  creation.runs_root = runs_root(context.config, context.environment).string();
  return creation;
}

Creation creation_of(const AppContext& context, const ReporterChoice& choice) {
  Creation creation = creation_of(context, choice.options_json);
  creation.isolate = choice.isolate;
  return creation;
}

Result<std::unique_ptr<StorePort>> open_store(const AppContext& context, const StoreWish& wish) {
  const PluginChoice& choice = wish.store != nullptr ? *wish.store : context.config.store;
  std::string use = choice.use;
  Creation creation = creation_of(context, choice.options_json);
  if (wish.with_override && !context.environment.sidecar_dir.empty())
    creation.override_dir = fs::absolute(context.environment.sidecar_dir).lexically_normal().string();
  if (!wish.archive.empty()) {
    const fs::path root = fs::path(context.environment.cwd) / wish.archive;
    std::error_code error;
    if (!fs::is_directory(root, error))
      return usage_error(printable(wish.archive) + " is no directory");  // of --dir, or an argument
    creation.archive_dir = root.lexically_normal().string();
    const auto reads = context.plugins.store_reads_archives(use);
    if (!reads) return reads.error();
    if (!*reads) {  // run directories are what the store fs knows
      use = kDirectoryStore;
      creation.options_json = "{}";
    }
  }
  creation.read_only = wish.read_only;
  tell_step("runs are in the store " + use + ", " +
            (!creation.archive_dir.empty()    ? "directory " + creation.archive_dir
             : !creation.override_dir.empty() ? "directory " + creation.override_dir + " (KTSTR_SIDECAR_DIR)"
                                              : "root " + creation.runs_root));
  return context.plugins.make_store(use, creation);
}

Result<std::vector<std::string>> expand_manifests(const std::vector<std::string>& patterns,
                                                  const fs::path& project_dir) {
  const std::vector<std::string> wanted =
      patterns.empty() ? std::vector<std::string>{"tests/*.json"} : patterns;
  std::vector<std::string> files;
  for (const std::string& pattern : wanted) {
    std::string escaped;  // the directory's own name is no pattern
    for (const char c : project_dir.string())
      escaped +=
          (std::string_view("*?[\\").find(c) != std::string_view::npos ? "\\" : "") + std::string(1, c);
    glob_t found{};
    const int status = ::glob((escaped + "/" + pattern).c_str(), 0, nullptr, &found);
    if (status == 0) files.insert(files.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    if (status != 0) {
      return usage_error(
          "no test manifest matches \"" + printable(pattern) + "\" in " + printable(project_dir.string()),
          patterns.empty() ? "name them in ktstr.json: \"tests\": [\"path/*.json\"]"
                           : "see \"tests\" in ktstr.json");
    }
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  for (const std::string& file : files) {
    const auto place = path_in_project(project_dir, file, "ktstr.json: tests");
    if (!place) return place.error();
  }
  return files;
}

std::string build_name(const Config& config) {
  return "build of " + config.project_dir.string() + ": " + config.build;
}

Status run_build(const AppContext& context, kit::Program program, const std::string& of,
                 const std::string& way_there, const std::string& name) {
  const std::string command = printable(program.argv.back());
  const Wait wait(context.err_is_terminal, context.width, context.config.cache_dir,
                  "building " + (of.empty() ? printable(context.config.project) : of.substr(4)), name);
  const auto result = run_process(std::move(program), context.cancelled);
  if (!result) return result.error();
  if (result->succeeded()) {
    wait.done();
    return Ok{};
  }
  context.explain("output of the build" + of + " (" + command + "):");
  const std::size_t keep = 16 << 10;
  for (const std::string& line :
       split(result->out.substr(result->out.size() > keep ? result->out.size() - keep : 0), '\n')) {
    if (!line.empty()) context.explain("  " + printable(line));
  }
  return environment_error("the build" + of + " failed with " +
                               (result->signal != 0 ? "signal " + std::to_string(result->signal)
                                                    : "status " + std::to_string(result->status)),
                           "run it yourself: " + printable(way_there) + " && " + command);
}

Status build_project(const AppContext& context, const Kernel& kernel, const BuildRequest& request) {
  if (context.config.build.empty()) return Ok{};
  kit::Program wanted;
  wanted.argv = {"sh", "-c", context.config.build};
  wanted.directory = request.project_dir.string();
  kit::Variables variables = {{"KTSTR_KERNEL_IMAGE", kernel.image.string()},
                              {"KTSTR_KERNEL_VERSION", kernel.version}};
  if (!request.session.empty()) variables.emplace_back("KTSTR_RUN_EPOCH", request.session);
  variables.insert(variables.end(), request.variables.begin(), request.variables.end());
  wanted.environment = kit::environment_with(variables, request.without);
  return run_build(context, std::move(wanted), request.what.empty() ? "" : " of " + request.what,
                   request.way_there, build_name(context.config));
}

namespace {

/// What runs here, for runners that start no other: known by its version, without an image.
Kernel running_kernel() {
  struct utsname names {};
  Kernel kernel;
  if (::uname(&names) != 0) return kernel;
  kernel.release = names.release;
  kernel.version = version_of_release(kernel.release);
  kernel.source = "this machine";
  return kernel;
}

/// A project names a cached kernel, or an image or build tree of its own.
Result<Kernel> configured_kernel(const AppContext& context) {
  const Config& config = context.config;
  if (!config.kernel_from_project) return context.kernels.find(config.kernel);
  const bool is_path = config.kernel.find('/') != std::string::npos;
  auto kernel = context.kernels.find(is_path ? (config.project_dir / config.kernel).string() : config.kernel);
  if (!kernel || !kernel->name.empty()) return kernel;
  const auto place = path_in_project(config.project_dir, kernel->image.string(), "ktstr.json: kernel");
  if (!place) return place.error();
  return kernel;
}

}  // namespace

Result<Kernel> resolve_kernel(const AppContext& context, const std::string& flag) {
  const auto needed = context.plugins.runner_needs_kernel(context.config.runner.use);
  if (!needed) return needed.error();
  if (!*needed && !flag.empty()) {
    return usage_error("the runner " + printable(context.config.runner.use) +
                       " runs its tests on the kernel of this machine: --kernel has no meaning for it");
  }
  if (!*needed) return running_kernel();
  const bool configured = !context.config.kernel.empty();
  auto kernel = !flag.empty() ? context.kernels.find(flag)
                : configured  ? configured_kernel(context)
                              : context.kernels.find_default();
  if (kernel && is_told(Detail::kStep)) {
    const auto origin = context.config.origins.find("kernel");
    tell_step("kernel " + kernel->id() + " (" + kernel->image.string() + "): " +
              (!flag.empty() ? "of --kernel " + flag
               : configured
                   ? "of " + (origin == context.config.origins.end() ? "the configuration" : origin->second)
                   : "nobody named one, and it is the newest in the cache or else this machine's"));
  }
  return kernel;
}

Result<std::vector<Kernel>> resolve_kernels(const AppContext& context,
                                            const std::vector<std::string>& flags) {
  const auto needed = context.plugins.runner_needs_kernel(context.config.runner.use);
  if (!flags.empty() && needed && *needed) {
    auto kernels = context.kernels.find_all(flags);
    for (const Kernel& kernel : kernels ? *kernels : std::vector<Kernel>{})
      tell_step("kernel " + kernel.id() + " (" + kernel.image.string() + "): of --kernel " +
                join(flags, ", "));
    return kernels;
  }
  auto kernel = resolve_kernel(context, flags.empty() ? std::string() : flags.front());
  if (!kernel) return kernel.error();
  return std::vector<Kernel>{std::move(*kernel)};
}

std::string runner_request(const AppContext& context, const RunnerRequest& request) {
  KTSTR_ASSERT(request.project_dir.is_absolute());  // what runners rely on
  json::object object{{"project_dir", request.project_dir.string()},
                      {"manifests", json::array(request.manifests.begin(), request.manifests.end())},
                      {"cache_dir", context.config.cache_dir.string()},
                      {"tests", json::array(request.tests.begin(), request.tests.end())},
                      {"performance_only", request.performance_only},
                      {"seed", request.seed},
                      {"deterministic", request.deterministic},
                      {"cold", request.cold},
                      {"trace", request.trace},
                      {"cost", request.cost},
                      {"jobs", request.jobs},
                      {"label", request.label}};
  if (request.kernel != nullptr && !request.kernel->image.empty()) {
    object["kernel"] = {
        {"config", request.kernel->config.empty() ? json::value(nullptr)
                                                  : json::value(request.kernel->config.string())},
        {"image", request.kernel->image.string()},
        {"version", request.kernel->version},
        {"release", request.kernel->release}};
  }
  for (const auto& entry : request.more) object.insert_or_assign(entry.key(), entry.value());
  return to_text(object, 0);
}

}  // namespace ktstr
