// SPDX-License-Identifier: Apache-2.0
#include "app/sides.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kMaxSidecar = 64 << 20;

/// Whether a sidecar's kernel is the one that --kernel asks for: a version by its digits, anything else by what it resolves to.
Result<std::string> wanted_version(const AppContext& context, const std::string& flag) {
  if (flag.empty() || looks_like_version(flag)) return flag;
  const auto kernel = context.kernels.find(flag);
  if (!kernel) return kernel.error();
  return kernel->version;
}

}  // namespace

Result<Sides> load_sides(const AppContext& context, const PerfDeltaRequest& request, const Commits& commits) {
  const auto version = wanted_version(context, request.kernel);
  if (!version) return version.error();
  auto store = context.plugins.make_store(context.config.store.use, store_options(context, false));
  if (!store) return store.error();
  const auto runs = (*store)->list_runs();
  if (!runs) return runs.error();
  Sides sides;
  for (const RunEntry& run : *runs) {
    const auto files = (*store)->list_sidecars(run.key);
    if (!files) return files.error();
    for (const SidecarEntry& file : *files) {
      if (context.cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
      const std::string name = run.key + "/" + file.name;
      const auto text = (*store)->read(run.key, file.name, kMaxSidecar);
      auto record = text ? read_sidecar(*text, name) : Result<SidecarRecord>(text.error());
      if (!record) {
        sides.notes.push_back("left out: " + record.error().message);
        continue;
      }
      if (record->block || (!version->empty() && !version_matches(*version, record->kernel))) continue;
      if (record->project_commit == commits.baseline_label) {
        sides.baseline.push_back(std::move(*record));
      } else if (record->project_commit == commits.head_label) {
        sides.head.push_back(std::move(*record));
      }
    }
  }
  return sides;
}

}  // namespace ktstr
