// SPDX-License-Identifier: Apache-2.0
#include "doctor/doctor.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <set>

#include "doctor/machine_checks.hpp"
#include "doctor/runner_checks.hpp"
#include "kernels/kernel_config.hpp"
#include "measure/selection.hpp"
#include "support/files.hpp"
#include "support/process.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kLittleRoom = 2ULL << 30;
constexpr const char *kKernels = "kernels", *kProject = "project", *kToolchain = "BPF toolchain";

Check failed(const std::string& subject, const std::string& name, const Error& error,
             CheckState state = CheckState::kFail) {
  return {subject, name, state, error.message, error.hint};
}

/// What the kernel was built with, as far as anybody knows.
Check options_of(const Kernel& kernel, const std::string& name, bool needs_sched_ext) {
  std::string found = kernel.release + ", " + kernel.source;
  const auto config =
      kernel.config.empty() ? Result<std::string>(Error{}) : read_file(kernel.config, 16 << 20);
  if (!config && !kernel.missing)
    return {kKernels, name, CheckState::kWarn, found + "; its configuration is not known",
            "put its .config beside the image as config-" + kernel.release + ", and add it again"};
  const bool sched_ext = kernel.sched_ext.value_or(false);
  found += sched_ext ? "; sched_ext" : "; no sched_ext";
  if (config) found += built_in(*config, "CONFIG_DEBUG_INFO_BTF") ? ", BTF" : ", no BTF";
  if (kernel.missing && !kernel.missing->empty())
    return {kKernels, name, CheckState::kWarn, found + "; lacks " + join(*kernel.missing, ", "),
            "build it with these options, or: ktstr kernel fetch " + kernel.version};
  if (!sched_ext && needs_sched_ext)
    return {kKernels, name, CheckState::kWarn, found + ": this project's schedulers cannot run on it",
            "ktstr kernel fetch 6.18"};
  return fine(kKernels, name, found);
}

/// The kernel that a test would run on, then the others of the cache.
Checks kernel_checks(const AppContext& context, const Result<Kernel>& chosen, bool needs_sched_ext) {
  Checks checks;
  if (!chosen)
    checks.push_back(failed(kKernels, "of a test", chosen.error()));
  else if (chosen->image.empty())
    return {fine(kKernels, "of a test", chosen->release + ", the one of this machine")};
  else
    checks.push_back(options_of(*chosen, chosen->id(), needs_sched_ext));
  const auto cached = context.kernels.list();
  if (!cached) {
    checks.push_back(failed(kKernels, "cache", cached.error()));
    return checks;
  }
  for (const Kernel& kernel : *cached) {
    if (chosen && kernel.name == chosen->name) continue;
    if (kernel.problem.empty())
      checks.push_back(options_of(kernel, kernel.name, false));
    else
      checks.push_back({kKernels, kernel.name, CheckState::kWarn, "damaged: " + kernel.problem,
                        "ktstr kernel remove " + shell_word(kernel.name)});
  }
  return checks;
}

Check cache_check(const AppContext& context) {
  const fs::path& place = context.config.cache_dir;
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(place, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end && !context.cancelled; it.increment(error)) {
    std::error_code gone;
    const std::uint64_t size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  const auto room = room_of(place);
  const std::string found = place.string() + " holds " + bytes_text(bytes) +
                            (room ? ", " + bytes_text(room->free) + " free beside it" : std::string());
  if (!room || room->free >= kLittleRoom) return fine("machine", "caches", found);
  return {"machine", "caches", CheckState::kWarn, found,
          "free some room, or move the cache: KTSTR_CACHE_DIR=/another/disk"};
}

Check store_check(const AppContext& context) {
  const auto store = open_store(context, {true, {}, false});
  if (!store) return failed(kProject, "store", store.error());
  if (const Status writable = (*store)->probe(); !writable)
    return failed(kProject, "store", writable.error());
  const auto runs = (*store)->list_runs();
  if (!runs) return failed(kProject, "store", runs.error());
  const std::string root = (*store)->files_root();
  return fine(kProject, "store",
              context.config.store.use + (root.empty() ? "" : " in " + root) + ", " +
                  counted(runs->size(), "run", "runs"));
}

Check baseline_check(const AppContext& context) {
  const auto baseline = context.plugins.make_baseline(
      context.config.baseline.use, creation_of(context, context.config.baseline.options_json));
  if (!baseline) return failed(kProject, "baseline", baseline.error());
  const auto resolved =
      (*baseline)->resolve({context.config.project_dir.string(), "", "", context.environment.ci_base_ref,
                            context.config.default_branch});
  if (!resolved) return failed(kProject, "baseline", resolved.error(), CheckState::kWarn);
  return fine(kProject, "baseline", resolved->label + ", " + resolved->how_text);
}

Check tool_check(const AppContext& context, const std::string& name, const std::string& shell,
                 const std::string& package) {
  const auto ended =
      run_process({{"sh", "-c", shell}, {}, {}, std::chrono::seconds(20), 4096}, context.cancelled);
  if (ended && ended->succeeded())
    return fine(kToolchain, name, std::string(without_margins(split(ended->out, '\n').front())));
  return {kToolchain, name, CheckState::kWarn, "was not found: BPF schedulers cannot be built here",
          "apt install " + package};
}

/// What most builds of sched_ext schedulers call.
Checks toolchain_checks(const AppContext& context) {
  return {tool_check(context, "clang",
                     "for c in clang clang-20 clang-19 clang-18 clang-17 clang-16 clang-15; do command -v $c "
                     ">/dev/null && exec $c --version; done; exit 1",
                     "clang-16"),
          tool_check(context, "bpftool", "PATH=$PATH:/usr/sbin:/sbin bpftool version", "bpftool"),
          tool_check(context, "libbpf", "pkg-config --modversion libbpf", "libbpf-dev pkg-config")};
}

/// The tests of the project, and what they tell of it.
Check tests_check(const AppContext& context, RunnerPort& runner, bool& has_schedulers) {
  const auto tests = discover_tests(context, runner, context.config.project_dir);
  if (!tests) return failed(kProject, "tests", tests.error());
  std::set<std::string> manifests;
  for (const TestEntry& test : *tests) {
    manifests.insert(test.manifest);
    has_schedulers = has_schedulers || !test.program.empty();
  }
  return fine(
      kProject, "tests",
      counted(tests->size(), "test", "tests") + " in " + counted(manifests.size(), "manifest", "manifests"));
}

Checks runner_checks(const AppContext& context, RunnerPort& runner, const Result<Kernel>& kernel) {
  const std::string subject = "runner " + context.config.runner.use;
  RunnerRequest request;
  request.project_dir = context.config.project_dir;
  if (kernel) request.kernel = &*kernel;
  context.on_cancel([&runner] { runner.interrupt(); });
  const auto document = runner.probe(runner_request(context, request));
  context.on_cancel({});
  auto checks = document ? read_probe(*document, subject) : Result<Checks>(document.error());
  if (!checks) return {failed(subject, "probe", checks.error())};
  return std::move(*checks);
}

}  // namespace

Checks examine(const AppContext& context, const std::string& kernel) {
  Checks all = machine_checks(machine_facts());
  const auto add = [&all](Checks more) { std::move(more.begin(), more.end(), std::back_inserter(all)); };
  all.push_back(cache_check(context));
  const Result<Kernel> chosen = resolve_kernel(context, kernel);
  auto runner = context.plugins.make_runner(context.config.runner.use,
                                            creation_of(context, context.config.runner.options_json));
  bool has_schedulers = false;
  Checks project;
  if (runner) {
    add(runner_checks(context, **runner, chosen));
    project.push_back(tests_check(context, **runner, has_schedulers));
  } else {
    all.push_back(failed("runner " + context.config.runner.use, "plugin", runner.error()));
  }
  add(kernel_checks(context, chosen, has_schedulers));
  add(std::move(project));
  all.push_back(store_check(context));
  all.push_back(baseline_check(context));
  if (has_schedulers && !context.config.build.empty()) add(toolchain_checks(context));
  return all;
}

}  // namespace ktstr
