// SPDX-License-Identifier: Apache-2.0
#include "measure/run_inputs.hpp"

#include <ktstr/kit/text.hpp>
#include <set>

#include "measure/selection.hpp"
#include "plan/run_plan.hpp"
#include "sidecar/sidecar.hpp"
#include "support/file_sums.hpp"
#include "support/files.hpp"

namespace ktstr {
Result<std::string> run_inputs(const AppContext& context, const Kernel& kernel, const Tree& tree,
                               const std::vector<TestEntry>& tests) {
  const std::string& given = context.environment.project_commit;  // somebody vouches for it
  const std::string state = !given.empty() ? given : tree.dirty ? tree.state : tree.commit;
  if (state.empty()) return std::string();
  const auto image = kernel.image.empty()
                         ? Result<std::string>(std::string())  // the running kernel
                         : FileSums(context.config.cache_dir.empty() ? "" : context.config.cache_dir / "sums")
                               .of(kernel.image);
  if (!image) return environment_error(image.error().message, "choose another kernel: ktstr kernel list");
  std::vector<std::string> parts{*image,
                                 kernel.release,
                                 state,
                                 context.config.build,
                                 context.config.runner.use,
                                 context.config.runner.options_json};
  // One that is only named on a command line makes no other run of it: what is stored of the rest stays.
  const auto configured = configured_tests(context, tests);
  if (!configured) return configured.error();
  std::set<std::string> manifests;
  for (const TestEntry& test : *configured) manifests.insert(test.manifest);
  for (const std::string& manifest : manifests) {
    const auto sum = sha256_of_file(manifest);
    parts.push_back(sum ? *sum : manifest);  // a runner may call something else a manifest
  }
  return plan_identity(parts);
}

Status check_label(StorePort& store, const std::string& run_key, const std::string& commit,
                   const MetricRegistry& metrics) {
  const auto files = store.list_sidecars(run_key);
  if (commit.empty() || !files || files->empty()) return Ok{};
  const SidecarEntry& first = files->front();
  const auto text = store.read(run_key, first.name, kMaxSidecar, first.bytes);
  const auto record = text ? read_sidecar(*text, first.name, metrics) : Result<SidecarRecord>(text.error());
  if (!record || record->project_commit_full.empty() || record->project_commit_full == commit) return Ok{};
  return environment_error(
      "the run " + printable(run_key) + " holds results of the commit " +
          printable(record->project_commit_full) + ", whose label is that of " + printable(commit) + ", too",
      "give this commit a label of its own: KTSTR_PROJECT_COMMIT=NAME, or remove the run: "
      "ktstr runs rm " +
          printable(run_key));
}

}  // namespace ktstr
