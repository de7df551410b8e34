// SPDX-License-Identifier: Apache-2.0
//
// What the application needs of the outside, as C++ interfaces: the plugin proxies implement them over the C
// ABI, tests implement them with fakes. Nothing in app/ or core/ knows that plugins exist.
#pragma once
#include <ktstr/sdk.h>

#include <cstdint>
#include <functional>
#include <ktstr/kit/text.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

/// What an instance of a plugin is made from; see ktstr_create_request. Paths are absolute.
struct Creation {
  Creation(std::string options) : options_json(std::move(options)) {}
  Creation(const char* options) : options_json(options) {}
  std::string options_json;
  bool read_only = false;
  bool isolate = false;  ///< in a process of its own
  std::string project_dir, cache_dir, runs_root, override_dir, archive_dir;
};

// ---- store ----

struct RunEntry {
  std::string key;
  std::int64_t mtime_ns = 0;
  std::string location;
  std::uint64_t stamp =
      0;  ///< another value whenever a sidecar was made, replaced, renamed or removed; 0: cannot be told
};

struct SidecarEntry {
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t stamp = 0;  ///< another value whenever the file was replaced or written to; 0: cannot be told
};

/// How a run is to be written; see ktstr_run_request.
struct RunRequest {
  std::string key, session, inputs;
  bool preclear = true, partial = false;
};

/// What became of the results of earlier invocations.
struct RunChanges {
  std::uint64_t cleared = 0;
  bool other_inputs = false;  ///< they followed from something else, or it is not known from what
};

/// Of a file that nobody is going to read.
inline Error too_large(const std::string& file, std::uint64_t max_bytes) {
  return plugin_error(printable(file) + " is larger than " + std::to_string(max_bytes >> 20) + " MiB");
}

/// A file on its way into a run. Borrowed.
struct StoredFile {
  std::string_view name, bytes;
  bool artifact = false;  ///< no sidecar
};

/// An open run. What `put` was given is durable when it returns; the destructor ends the run if `end` was not
/// called.
class StoreRunPort {
 public:
  virtual ~StoreRunPort() = default;
  virtual Status put(const StoredFile& file) = 0;
  virtual Status remove_artifact(std::string_view name) = 0;
  /// `complete`: the invocation did all that it meant to do.
  virtual Result<RunChanges> end(bool complete) = 0;
};

/// Passes that belong together, in a place of their own; held until `end` or the destructor, so that nobody
/// else writes or removes them.
class StoreSessionPort {
 public:
  virtual ~StoreSessionPort() = default;
  virtual const std::string& key() const = 0;  ///< ".sessions/{name}"; passes are runs below it
  /// How many old sessions the store removed.
  virtual Result<std::uint64_t> end() = 0;
};

class StorePort {
 public:
  struct FileWish {
    std::string name;
    std::uint64_t expected_bytes = 0;  ///< how much room to make beforehand
  };
  using FileVisitor = std::function<void(std::size_t index, Result<std::string> bytes)>;
  virtual ~StorePort() = default;
  /// The directory below which the runs lie as files and where the host may keep its index; empty: none.
  virtual std::string files_root() const { return {}; }
  /// How many calls of its functions for any thread may overlap; 0: as many as there are CPUs.
  virtual unsigned max_concurrency() const { return 0; }
  /// Whether runs can be written.
  virtual Status probe() { return Ok{}; }
  virtual Result<std::vector<RunEntry>> list_runs() = 0;
  /// What later invocations put aside, newest first; the keys work like those of runs.
  virtual Result<std::vector<RunEntry>> list_history() = 0;
  /// A run, an entry of the history, or a session.
  virtual Status remove(std::string_view key) = 0;
  /// Every session, most recently changed first; for reading each is a run whose passes are its folders.
  virtual Result<std::vector<RunEntry>> list_sessions() = 0;
  /// `resume`: the newest session of that name, or the one whose key ends in it, when there is one.
  virtual Result<std::unique_ptr<StoreSessionPort>> begin_session(std::string_view name, bool resume) = 0;
  /// Removes locks and what else no run needs any more.
  virtual Result<std::vector<RunEntry>> tidy(bool dry_run) = 0;
  /// This, `list_artifacts`, `read` and `read_many` may be called from several threads at once.
  virtual Result<std::vector<SidecarEntry>> list_sidecars(std::string_view run_key) = 0;
  /// The files that were put as artifacts; none when the store cannot tell.
  virtual Result<std::vector<SidecarEntry>> list_artifacts(std::string_view run_key) = 0;
  /// `expected_bytes` is how much room to make beforehand.
  virtual Result<std::string> read(std::string_view run_key, std::string_view name, std::uint64_t max_bytes,
                                   std::uint64_t expected_bytes = 0) = 0;
  /// Hands each of the files to `visit`, once, in any order and one at a time: its bytes, at most
  /// `max_bytes`, or why there are none. What `visit` throws arrives at the caller.
  virtual void read_many(std::string_view run_key, const std::vector<FileWish>& files,
                         std::uint64_t max_bytes, const FileVisitor& visit) {
    for (std::size_t i = 0; i < files.size(); ++i)
      visit(i, read(run_key, files[i].name, max_bytes, files[i].expected_bytes));
  }
  /// Whether it does better than that: then it is asked for as many files at once as may be.
  virtual bool reads_many() const { return false; }
  virtual Result<std::unique_ptr<StoreRunPort>> begin_run(const RunRequest& request) = 0;
  virtual Result<std::string> locate(std::string_view run_key, std::string_view name) = 0;
};

// ---- runner ----

struct TestEntry {
  std::string name;  ///< unique: what the runner is asked for
  std::string topology, scheduler, work_type, manifest;
  bool performance_mode = false;
  std::uint64_t duration_ms = 0;
  std::string test;      ///< what its sidecars are named after; variants of one test share it
  std::string program;   ///< the scheduler's, absolute or relative to the project; empty for the kernel's own
  std::string demands;   ///< JSON, as ktstr_test_entry has it; empty: the runner does not tell
  std::string inputs{};  ///< likewise
};

enum class TestOutcome : std::uint32_t {
  kPassed = 0,
  kFailed = 1,
  kSkipped = 2,
  kInconclusive = 3,
  kError = 4,
  kFlaky = 5  ///< said by no runner: it failed, and passed when it ran again
};

/// How a test ended; see ktstr_test_end.
struct TestEnd {
  std::string_view test;
  TestOutcome outcome = TestOutcome::kError;
  std::string_view sidecar, message;
  std::uint64_t duration_ns = 0;
  std::uint32_t attempt = 1;
};

/// A file that a test leaves beside its sidecar, being written.
class ArtifactPort {
 public:
  virtual ~ArtifactPort() = default;
  virtual Status write(std::string_view bytes) = 0;
};

struct ArtifactRequest {
  std::string_view test, name, type;
  bool failure = false;  ///< explains what went wrong
};

/// Receives what happens during a run; called from any thread, never after RunnerPort::run has returned.
class RunEventsPort {
 public:
  virtual ~RunEventsPort() = default;
  virtual void started(std::string_view test) = 0;
  /// `done`: 0 to 1; NaN: not known.
  virtual void progress(std::string_view test, std::string_view text, double done) = 0;
  /// Borrowed until the test ends.
  virtual Result<ArtifactPort*> artifact(const ArtifactRequest& request) = 0;
  virtual Status finished(const TestEnd& end) = 0;
};

class RunnerPort {
 public:
  virtual ~RunnerPort() = default;
  /// Whether tests run on other machines, of which their sidecars tell.
  virtual bool elsewhere() const { return false; }
  /// JSON texts as ktstr/abi/runner.h describes them.
  virtual Result<std::string> probe(const std::string& request) = 0;
  virtual Result<std::vector<TestEntry>> discover(const std::string& request) = 0;
  virtual Status run(const std::string& request, RunEventsPort& events) = 0;
  virtual void interrupt() = 0;
  /// A shell where tests run, and schedulers loaded there; requests and answers as the header has them.
  /// Nothing: this runner has no such thing.
  virtual Result<std::optional<std::string>> shell(const std::string& request) = 0;
  virtual Result<std::optional<std::string>> verify(const std::string& request) = 0;
};

// ---- baseline ----

struct Tree {
  bool is_repository = false;
  bool dirty = false;
  bool shallow = false;
  std::string commit;  ///< id, empty without a repository or before its first commit
  std::string label;   ///< the commit's short name, part of run keys
  std::string branch;
  std::string subdirectory;  ///< where the asked path lies below the tree's root; empty: it is the root
  std::string state;  ///< when dirty: another value whenever the content of a tracked file changes; empty:
                      ///< cannot be told
};

struct BaselineRequest {
  std::string path, base, base_ref, ci_base_ref, default_branch = "main";
};

struct ResolvedBaseline {
  std::string commit;     ///< id
  std::string label;      ///< its short name
  std::uint32_t how = 0;  ///< KTSTR_BASELINE_*
  std::string how_text;   ///< "merge base of HEAD and main"
};

struct CommitEntry {
  std::string commit, label;  ///< id and short name
  std::string summary;        ///< first line of its message; hostile text
  std::int64_t time_s = 0;    ///< since 1970; 0: not known
};

class BaselinePort {
 public:
  virtual ~BaselinePort() = default;
  virtual Result<Tree> describe(const std::string& path) = 0;
  virtual Result<ResolvedBaseline> resolve(const BaselineRequest& request) = 0;
  /// Into an existing empty directory. `worktree`: the tree as it lies there instead of `commit`.
  virtual Status checkout(const std::string& path, const std::string& commit, const std::string& destination,
                          bool worktree) = 0;
  /// From `good` to `bad`, both included, oldest first, along first parents.
  virtual Result<std::vector<CommitEntry>> range(const std::string& path, const std::string& good,
                                                 const std::string& bad) = 0;
  /// The command that shows the difference of two commits; `base` empty: what `head` changed; `head` empty:
  /// the tree as it is. Empty: nobody knows one.
  virtual std::string diff_command(const std::string& path, const std::string& base,
                                   const std::string& head) = 0;
  /// Files that differ between `base` and `head`, below the tree's root; `head` empty: the tree as it is.
  /// Nothing: this baseline cannot tell.
  virtual Result<std::optional<std::vector<std::string>>> changed_files(const std::string& path,
                                                                        const std::string& base,
                                                                        const std::string& head) = 0;
};

// ---- gate ----

class GatePort {
 public:
  virtual ~GatePort() = default;
  virtual const std::string& name() const = 0;
  virtual std::uint32_t min_samples() const = 0;
  virtual std::uint32_t capabilities() const = 0;  ///< KTSTR_GATE_* bits
  /// One verdict per comparison, preset by the proxy and checked after the call (outcome in range, text
  /// terminated).
  virtual Result<std::vector<ktstr_verdict>> evaluate(
      const std::vector<const ktstr_comparison*>& comparisons) = 0;
};

// ---- reporter ----

/// Where a reporter's bytes go: stdout, or a file that is put in place when the document is complete.
class ReportSink {
 public:
  virtual ~ReportSink() = default;
  virtual Status write(std::string_view bytes) = 0;
};

class ReporterPort {
 public:
  virtual ~ReporterPort() = default;
  virtual const std::string& name() const = 0;
  virtual std::uint32_t documents() const = 0;  ///< KTSTR_DOCUMENT_* bits
  virtual Status begin(ReportSink& out, const ktstr_report_begin& begin) = 0;
  virtual Status rows(std::span<const ktstr_report_row* const> rows) = 0;  ///< the next ones
  virtual Status end(const ktstr_report_end& end) = 0;
};

// ---- plugins by name ----

/// Makes instances of what the configuration names. A name nobody offers is a usage error with a "did you
/// mean".
/// A plugin behind an instance that was made: what results and reports say of where they come from.
struct PluginIdentity {
  std::string kind, name;   ///< "gate", "fdr"
  std::string id, version;  ///< "org.ktstr.gate-fdr", "0.1.0"
  std::string sha256;       ///< of its library; empty: it cannot be read any more
};

class PluginProvider {
 public:
  virtual ~PluginProvider() = default;
  virtual Result<std::unique_ptr<StorePort>> make_store(const std::string& name,
                                                        const Creation& creation) = 0;
  /// Whether tests of that runner run on a kernel that the host looks for.
  virtual Result<bool> runner_needs_kernel(const std::string& /*name*/) { return true; }
  /// What of that runner's tests may vary and what holds for any scheduler: JSON as explore/bounds.hpp reads
  /// it; empty: it does not say.
  virtual Result<std::string> runner_bounds(const std::string& /*name*/) const { return std::string(); }
  /// Whether that store reads a directory of runs that was copied from elsewhere.
  virtual Result<bool> store_reads_archives(const std::string& /*name*/) { return true; }
  virtual Result<std::unique_ptr<RunnerPort>> make_runner(const std::string& name,
                                                          const Creation& creation) = 0;
  virtual Result<std::unique_ptr<BaselinePort>> make_baseline(const std::string& name,
                                                              const Creation& creation) = 0;
  virtual Result<std::unique_ptr<GatePort>> make_gate(const std::string& name, const Creation& creation) = 0;
  virtual Result<std::unique_ptr<ReporterPort>> make_reporter(const std::string& name,
                                                              const Creation& creation) = 0;
  /// Everything that was made so far, each plugin and name once, in that order. Any thread.
  virtual std::vector<PluginIdentity> used() const { return {}; }
};

}  // namespace ktstr
