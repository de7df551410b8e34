// SPDX-License-Identifier: Apache-2.0
#include "pool/run_selection.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "pool/store_reads.hpp"

namespace ktstr {
namespace {

Result<SelectedRun> read_files(const AppContext& context, StorePort& store, const RunId& id) {
  auto files = store.list_sidecars(id.run);
  if (!files) return files.error();
  std::sort(files->begin(), files->end(),
            [](const SidecarEntry& a, const SidecarEntry& b) { return a.name < b.name; });
  SelectedRun selected;
  selected.run = id.folder.empty() ? id.run : id.run + "/" + id.folder;
  std::vector<WantedFile> wanted;
  for (const SidecarEntry& file : *files) {
    // The folder itself is listed when it cannot be looked into.
    if (!id.folder.empty() && file.name != id.folder && !file.name.starts_with(id.folder + "/")) continue;
    ++selected.walked;
    const std::string where = id.run + "/" + file.name;
    if (file.bytes > kMaxSidecar)
      selected.problems.push_back({where, too_large(where, kMaxSidecar), true});
    else
      wanted.push_back({&id.run, {file.name, file.bytes}});
  }
  using Read = Result<RunDocument>;
  const auto where = [&](std::size_t i) { return id.run + "/" + wanted[i].file.name; };
  std::vector<char> io(wanted.size(), 0);
  read_all(
      store, wanted, kMaxSidecar,
      [&](std::size_t i, Result<std::string> text) -> Read {
        io[i] = text ? 0 : 1;
        if (!text) return text.error();
        auto record = read_sidecar(*text, where(i), context.config.metrics);
        if (!record) return record.error();
        return RunDocument{wanted[i].file.name, *parse_json(*text, where(i)), std::move(*record)};
      },
      [&](std::size_t i, Read read) {
        if (read)
          selected.documents.push_back(std::move(*read));
        else
          selected.problems.push_back({where(i), read.error(), io[i] != 0});
        return !context.cancelled;
      });
  if (context.cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
  KTSTR_ASSERT(selected.documents.size() + selected.problems.size() == selected.walked);
  return selected;
}

std::string list_command(const std::string& archive) {
  return "ktstr stats list" + (archive.empty() ? std::string() : " --dir " + archive);
}

}  // namespace

Result<RunId> parse_run_id(const std::string& text) {
  std::string id = text;
  if (id.size() > 1 && id.ends_with('/')) id.pop_back();  // as shells complete it
  const std::vector<std::string> parts = split(id, '/');
  const bool plain = std::none_of(parts.begin(), parts.end(), [](const std::string& part) {
    return part.empty() || part == "." || part == ".." || printable(part) != part;
  });
  const StoredKind kind = kind_of_key(id);
  const std::size_t of_run = kind == StoredKind::kRun       ? 1
                             : kind == StoredKind::kSession ? 2
                                                            : 3;  // parts of the run's own key
  if (plain && of_run > 1 && (parts.size() == of_run || parts.size() == of_run + 1)) {
    const std::vector<std::string> key(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(of_run));
    KTSTR_ASSERT(kind_of_key(join(key, "/")) == kind);
    return RunId{join(key, "/"), parts.size() > of_run ? parts.back() : ""};
  }
  if (!plain || parts.size() > 2) {
    return usage_error(
        "\"" + printable(text) +
            "\" is no run: a name as ktstr stats list prints it, and at most one folder below it",
        "for example 6.14-abc1234 or 6.14-abc1234/job-1");
  }
  return RunId{parts.front(), parts.size() > 1 ? parts[1] : ""};
}

Result<SelectedRun> read_run(const AppContext& context, const std::string& archive, const std::string& text) {
  const auto id = parse_run_id(text);
  if (!id) return id.error();
  auto store = open_pool_store(context, archive);
  if (!store) return store.error();
  const StoredKind kind = kind_of_key(id->run);
  const auto runs = kind == StoredKind::kSession   ? (*store)->list_sessions()
                    : kind == StoredKind::kHistory ? (*store)->list_history()
                                                   : (*store)->list_runs();
  if (!runs) return runs.error();
  std::vector<std::string> names;
  for (const RunEntry& run : *runs) names.push_back(run.key);
  if (std::find(names.begin(), names.end(), id->run) == names.end()) {
    return usage_error("there is no run \"" + printable(id->run) + "\"" + suggestion(id->run, names),
                       names.empty() ? "there are no runs at all" : "see " + list_command(archive));
  }
  auto selected = read_files(context, **store, *id);
  if (!selected || selected->walked > 0) return selected;
  if (id->folder.empty())
    return usage_error(
        "the run " + printable(id->run) + " has no sidecars",
        "its tests may have been cleared or never ended; " + list_command(archive) + " shows the others");
  std::set<std::string> folders;
  if (const auto files = (*store)->list_sidecars(id->run)) {
    for (const SidecarEntry& file : *files) {
      if (const std::size_t slash = file.name.find('/'); slash != std::string::npos)
        folders.insert(file.name.substr(0, slash));
    }
  }
  const std::vector<std::string> known(folders.begin(), folders.end());
  return usage_error("the run " + printable(id->run) + " has no folder \"" + printable(id->folder) +
                         "\" with sidecars" + suggestion(id->folder, known),
                     known.empty() ? "it has no folders" : "folders: " + printable(join(known, ", ")));
}

Result<SelectedRun> read_latest_run(const AppContext& context, const std::string& archive) {
  const bool own_directory = archive.empty() && !context.environment.sidecar_dir.empty();
  auto store = own_directory ? open_store(context, {true, {}, true}) : open_pool_store(context, archive);
  if (!store) return store.error();
  auto runs = (*store)->list_runs();
  if (!runs) return runs.error();
  std::stable_sort(runs->begin(), runs->end(), [](const RunEntry& a, const RunEntry& b) {
    return a.mtime_ns != b.mtime_ns ? a.mtime_ns > b.mtime_ns : a.key < b.key;
  });
  for (const RunEntry& run : *runs) {
    auto selected = read_files(context, **store, {run.key, ""});
    if (!selected || selected->walked > 0) return selected;
  }
  return SelectedRun{};
}

}  // namespace ktstr
