// SPDX-License-Identifier: Apache-2.0
#include "pool/store_copy.hpp"

#include <algorithm>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/random.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <set>

#include "sidecar/run_manifest.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kMostCopied = std::uint64_t{1} << 30;  // of a file; traces are the largest

struct File {
  std::string name;
  std::uint64_t bytes = 0;
  bool artifact = false;
};

/// What one run key has in one store, or will have in the target.
using Known = std::map<std::string, std::pair<std::string, std::string>>;  // name -> hash, of which store

Error conflict(const std::string& file, const std::string& here, const std::string& there) {
  return environment_error(
      printable(file) + " of " + printable(here) + " and of " + printable(there) +
          " have different bytes: neither takes the other's place",
      "two measurements of one test: remove one of them, or keep them in different stores");
}

class Copier {
 public:
  Copier(const AppContext& context, const CopySource& target, const CopyWish& wish)
      : context_(context), target_(target), wish_(wish) {}

  Status find_target_runs() {
    const auto runs = target_.store->list_runs();
    if (!runs) return runs.error();
    for (const RunEntry& run : *runs) there_.insert(run.key);
    return Ok{};
  }

  /// `write`: else it is only looked for conflicts.
  Status source(const CopySource& source, bool write) {
    auto runs = source.store->list_runs();
    if (!runs) return runs.error();
    std::stable_sort(runs->begin(), runs->end(),
                     [](const RunEntry& a, const RunEntry& b) { return a.mtime_ns < b.mtime_ns; });
    for (const RunEntry& run : *runs) {
      if (context_.cancelled) return Error{ExitCode::kInterrupted, "interrupted", "run it again to go on"};
      if (const Status done = one_run(source, run.key, write); !done) {
        if (done.error().code == ExitCode::kInterrupted) return done;
        outcome_.refused.push_back(done.error());
      }
    }
    return Ok{};
  }

  CopyOutcome take() { return std::move(outcome_); }
  bool any_refused() const { return !outcome_.refused.empty(); }

 private:
  Result<std::vector<File>> files_of(StorePort& store, const std::string& key) const {
    std::vector<File> files;
    const auto sidecars = store.list_sidecars(key);
    if (!sidecars) return sidecars.error();
    for (const SidecarEntry& one : *sidecars) files.push_back({one.name, one.bytes, false});
    const auto artifacts = store.list_artifacts(key);
    if (!artifacts) return artifacts.error();
    for (const SidecarEntry& one : *artifacts) files.push_back({one.name, one.bytes, true});
    return files;
  }

  Result<std::string> bytes_of(StorePort& store, const std::string& key, const File& file) const {
    return store.read(key, file.name, kMostCopied, file.bytes);
  }

  /// Those that the filter leaves, with what lies beside them. Manifests name tests that are left out.
  Result<std::vector<File>> wanted(const CopySource& source, const std::string& key,
                                   std::vector<File> files) {
    if (!wish_.wanted) return files;
    std::vector<std::string> stems;
    for (const File& file : files) {
      if (file.artifact) continue;
      const auto text = source.store->read(key, file.name, kMaxSidecar, file.bytes);
      if (!text) return text.error();
      const auto record = read_sidecar(*text, printable(key + "/" + file.name), context_.config.metrics);
      if (!record) return record.error();
      if (wish_.wanted(*record)) stems.push_back(file.name.substr(0, file.name.find(".ktstr.")));
    }
    std::erase_if(files, [&](const File& file) {
      return std::none_of(stems.begin(), stems.end(),
                          [&](const std::string& stem) { return file.name.starts_with(stem + "."); });
    });
    return files;
  }

  /// Hashes of what the target has of a run; read once.
  Status know_target(const std::string& key) {
    if (known_.contains(key)) return Ok{};
    Known& known = known_[key];
    if (!there_.contains(key)) return Ok{};
    const auto files = files_of(*target_.store, key);
    if (!files) return files.error();
    for (const File& file : *files) {
      const auto bytes = bytes_of(*target_.store, key, file);
      if (!bytes) return bytes.error();
      known[file.name] = {kit::sha256_of(*bytes), target_.name};
      if (is_run_manifest_name(file.name)) remember_tree(key, *bytes, target_.name);
    }
    return Ok{};
  }

  /// Runs of a tree with changes are told apart by what its files were, not by their key.
  Status check_tree(const std::string& key, const std::string& bytes, const CopySource& source) {
    const auto manifest = parse_run_manifest(bytes, printable(key));
    if (!manifest || manifest->tree_state.empty()) return Ok{};
    const auto known = trees_.find(key);
    if (known == trees_.end() || known->second.first == manifest->tree_state) return Ok{};
    return environment_error("the runs " + printable(key) + " of " + printable(source.name) + " and of " +
                                 printable(known->second.second) + " were made from different files",
                             "commit before the tests are divided, so that all parts have the same files");
  }
  void remember_tree(const std::string& key, const std::string& bytes, const std::string& name) {
    const auto manifest = parse_run_manifest(bytes, printable(key));
    if (manifest && !manifest->tree_state.empty()) trees_.emplace(key, std::pair{manifest->tree_state, name});
  }

  Status one_run(const CopySource& source, const std::string& key, bool write) {
    if (const Status known = know_target(key); !known) return known;
    auto listed = files_of(*source.store, key);
    if (!listed) return listed.error();
    auto files = wanted(source, key, std::move(*listed));
    if (!files) return files.error();
    // What says how the run ended comes last: until then it is one that has not ended.
    std::stable_sort(files->begin(), files->end(), [](const File& a, const File& b) {
      return is_run_manifest_name(a.name) < is_run_manifest_name(b.name);
    });
    CopiedRun copied{key};
    std::unique_ptr<StoreRunPort> run;
    Status ended = Ok{};
    for (const File& file : *files) {
      if (context_.cancelled) {
        ended = Error{ExitCode::kInterrupted, "interrupted", "run it again to go on"};
        break;
      }
      if (const Status done = one_file(source, key, file, write, run, copied); !done)
        outcome_.refused.push_back(done.error());
    }
    if (run) {
      const auto closed = run->end(false);
      if (!closed && ended) ended = closed.error();
    }
    if (write && (copied.copied > 0 || copied.there > 0)) add(copied);
    return ended;
  }

  void add(const CopiedRun& run) {
    for (CopiedRun& one : outcome_.runs) {
      if (one.key != run.key) continue;
      one.copied += run.copied;
      one.there += run.there;
      one.bytes += run.bytes;
      return;
    }
    outcome_.runs.push_back(run);
  }

  Status one_file(const CopySource& source, const std::string& key, const File& file, bool write,
                  std::unique_ptr<StoreRunPort>& run, CopiedRun& copied) {
    const auto bytes = bytes_of(*source.store, key, file);
    if (!bytes) return bytes.error();
    const std::string sum = kit::sha256_of(*bytes);
    Known& known = known_[key];
    if (const auto there = known.find(file.name); there != known.end()) {
      if (there->second.first != sum)
        return conflict(key + "/" + file.name, source.name, there->second.second);
      copied.there += write ? 1 : 0;
      return Ok{};
    }
    if (is_run_manifest_name(file.name)) {
      if (const Status same = check_tree(key, *bytes, source); !same) return same;
      remember_tree(key, *bytes, source.name);
    }
    if (!write) {
      known[file.name] = {sum, source.name};
      return Ok{};
    }
    if (!run) {
      auto begun = target_.store->begin_run({key, "copy-" + kit::random_name(), {}, false, true});
      if (!begun) return begun.error();
      run = std::move(*begun);
    }
    if (const Status put = run->put({file.name, *bytes, file.artifact}); !put) return put;
    const auto back = bytes_of(*target_.store, key, file);
    if (!back) return back.error();
    if (kit::sha256_of(*back) != sum) {
      return plugin_error(printable(key + "/" + file.name) + " is not in " + printable(target_.name) +
                              " as it was written: its SHA-256 is another",
                          "nothing was removed from " + printable(source.name));
    }
    known[file.name] = {sum, target_.name};
    ++copied.copied;
    copied.bytes += bytes->size();
    return Ok{};
  }

  const AppContext& context_;
  const CopySource& target_;
  const CopyWish& wish_;
  CopyOutcome outcome_;
  std::set<std::string> there_;
  std::map<std::string, Known> known_;
  std::map<std::string, std::pair<std::string, std::string>>
      trees_;  ///< key -> state of the tree, of which store
};

}  // namespace

std::uint64_t CopyOutcome::files() const {
  std::uint64_t count = 0;
  for (const CopiedRun& run : runs) count += run.copied;
  return count;
}

Result<CopyOutcome> copy_runs(const AppContext& context, const std::vector<CopySource>& sources,
                              const CopySource& target, const CopyWish& wish) {
  if (wish.all_or_nothing) {
    Copier look(context, target, wish);
    if (const Status found = look.find_target_runs(); !found) return found.error();
    for (const CopySource& source : sources) {
      if (const Status done = look.source(source, false); !done) return done.error();
    }
    if (look.any_refused()) return look.take();
  }
  Copier copier(context, target, wish);
  if (const Status found = copier.find_target_runs(); !found) return found.error();
  for (const CopySource& source : sources) {
    if (const Status done = copier.source(source, true); !done) return done.error();
  }
  return copier.take();
}

}  // namespace ktstr
