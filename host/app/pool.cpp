// SPDX-License-Identifier: Apache-2.0
#include "app/pool.hpp"

#include <algorithm>

#include "support/text.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kMaxSidecar = 64 << 20;

}  // namespace

Result<std::unique_ptr<StorePort>> open_pool_store(const AppContext& context, const std::string& archive) {
  std::string options = store_options(context, false);
  if (!archive.empty()) {
    json::value parsed = json::parse(options);
    const std::filesystem::path root = std::filesystem::path(context.environment.cwd) / archive;
    std::error_code error;
    if (!std::filesystem::is_directory(root, error)) return usage_error("--dir " + printable(archive) + " is no directory");
    parsed.get_object()["root"] = root.lexically_normal().string();
    options = to_text(parsed, 0);
  }
  return context.plugins.make_store(context.config.store.use, options);
}

Result<Pool> read_pool(const AppContext& context, const PoolQuery& query) {
  auto store = open_pool_store(context, query.archive);
  if (!store) return store.error();
  auto runs = (*store)->list_runs();
  if (!runs) return runs.error();
  std::stable_sort(runs->begin(), runs->end(), [](const RunEntry& a, const RunEntry& b) { return a.mtime_ns != b.mtime_ns ? a.mtime_ns > b.mtime_ns : a.key < b.key; });
  Pool pool;
  for (RunEntry& run : *runs) {
    if (query.run && !query.run(run)) continue;
    auto files = (*store)->list_sidecars(run.key);
    if (!files) {
      pool.problems.push_back({run.key, files.error(), true});
      continue;
    }
    std::sort(files->begin(), files->end(), [](const SidecarEntry& a, const SidecarEntry& b) { return a.name < b.name; });
    for (const SidecarEntry& file : *files) {
      if (context.cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
      ++pool.walked;
      const std::string where = run.key + "/" + file.name;
      const auto text = (*store)->read(run.key, file.name, kMaxSidecar);
      auto record = text ? read_sidecar(*text, where, context.config.metrics) : Result<SidecarRecord>(text.error());
      if (!record) {
        pool.problems.push_back({where, record.error(), !text});
      } else if (!query.wanted || query.wanted(*record)) {
        pool.entries.push_back({run.key, file.name, std::move(*record)});
      }
    }
    pool.runs.push_back(std::move(run));
  }
  return pool;
}

}  // namespace ktstr
