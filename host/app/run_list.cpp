// SPDX-License-Identifier: Apache-2.0
#include "app/run_list.hpp"

#include <algorithm>

#include "core/sidecar.hpp"
#include "support/text.hpp"

namespace ktstr {

Result<std::vector<RunSummary>> list_runs(const AppContext& context, const std::string& archive) {
  std::string options = store_options(context, false);
  if (!archive.empty()) {
    json::value parsed = json::parse(options);
    const std::filesystem::path root = std::filesystem::path(context.environment.cwd) / archive;
    std::error_code error;
    if (!std::filesystem::is_directory(root, error)) return usage_error("--dir " + printable(archive) + " is no directory");
    parsed.get_object()["root"] = root.lexically_normal().string();
    options = to_text(parsed, 0);
  }
  auto store = context.plugins.make_store(context.config.store.use, options);
  if (!store) return store.error();
  auto runs = (*store)->list_runs();
  if (!runs) return runs.error();
  std::stable_sort(runs->begin(), runs->end(), [](const RunEntry& a, const RunEntry& b) { return a.mtime_ns != b.mtime_ns ? a.mtime_ns > b.mtime_ns : a.key < b.key; });
  std::vector<RunSummary> summaries;
  for (const RunEntry& run : *runs) {
    RunSummary summary{run.key, run.sidecars, {}, {}};
    auto files = (*store)->list_sidecars(run.key);
    if (!files) return files.error();
    std::sort(files->begin(), files->end(), [](const SidecarEntry& a, const SidecarEntry& b) { return a.name < b.name; });
    for (const SidecarEntry& file : *files) {
      const auto text = (*store)->read(run.key, file.name, 64 << 20);
      const auto record = text ? read_sidecar(*text, run.key + "/" + file.name) : Result<SidecarRecord>(text.error());
      if (!record) {
        context.warn("left out: " + record.error().message);
        continue;
      }
      if (summary.date.empty()) summary.date = record->timestamp;
      if (summary.arch.empty()) summary.arch = record->arch;
      if (!summary.date.empty() && !summary.arch.empty()) break;
    }
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace ktstr
