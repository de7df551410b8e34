// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "plugin/collector.hpp"
#include "plugin/proxies.hpp"

namespace ktstr {
namespace {

class StoreRunProxy : public StoreRunPort {
 public:
  StoreRunProxy(const PluginInstance& store, void* run) : store_(store), run_(run) {}
  ~StoreRunProxy() override {
    if (run_ != nullptr) static_cast<void>(static_cast<bool>(finish()));
  }
  Status put(const StoredFile& file) override {
    KTSTR_ASSERT(run_ != nullptr);  // it has not ended
    const ktstr_put_request request{sizeof request, file.artifact ? KTSTR_PUT_ARTIFACT : 0U,
                                    borrowed(file.name), borrowed(file.bytes)};
    return call_plugin(store_, "put",
                       [&](ktstr_error* e) { return table()->put(store_.self(), run_, &request, e); });
  }
  Status remove_artifact(std::string_view name) override {
    KTSTR_ASSERT(run_ != nullptr);
    if (!KTSTR_HAS(ktstr_store_v1, table(), remove_artifact) || table()->remove_artifact == nullptr)
      return Ok{};
    return call_plugin(store_, "remove_artifact", [&](ktstr_error* e) {
      return table()->remove_artifact(store_.self(), run_, borrowed(name), e);
    });
  }
  Result<RunChanges> end(bool complete) override { return finish(complete); }

 private:
  Result<RunChanges> finish(bool complete = false) {
    if (run_ == nullptr) return RunChanges{};  // ended before
    void* run = run_;
    run_ = nullptr;
    ktstr_run_changes changes{};
    changes.size = sizeof changes;
    const Status status = call_plugin(store_, "end_run", [&](ktstr_error* e) {
      return table()->end_run(store_.self(), run, complete ? KTSTR_RUN_COMPLETE : 0U, &changes, e);
    });
    if (!status) return status.error();
    return RunChanges{changes.cleared, (changes.flags & KTSTR_RUN_OTHER_INPUTS) != 0};
  }
  const ktstr_store_v1* table() const { return store_.table<ktstr_store_v1>(); }

  const PluginInstance& store_;
  void* run_;
};

class StoreSessionProxy : public StoreSessionPort {
 public:
  StoreSessionProxy(const PluginInstance& store, void* session, std::string key)
      : store_(store), session_(session), key_(std::move(key)) {}
  ~StoreSessionProxy() override { static_cast<void>(static_cast<bool>(end())); }
  const std::string& key() const override { return key_; }
  Result<std::uint64_t> end() override {
    std::uint64_t removed = 0;
    if (session_ == nullptr) return removed;  // ended before
    void* session = session_;
    session_ = nullptr;
    const Status status = call_plugin(store_, "end_session", [&](ktstr_error* e) {
      return store_.table<ktstr_store_v1>()->end_session(store_.self(), session, &removed, e);
    });
    if (!status) return status.error();
    return removed;
  }

 private:
  const PluginInstance& store_;
  void* session_;
  std::string key_;
};

/// What a store hands over in read_many, held to the rules: each file once, and nothing that was not asked
/// for.
class ManyFiles {
 public:
  ManyFiles(const std::string& what, std::string_view run_key, const std::vector<StorePort::FileWish>& files,
            std::uint64_t max_bytes, const StorePort::FileVisitor& visit)
      : what_(what),
        run_key_(run_key),
        files_(files),
        max_bytes_(max_bytes),
        visit_(visit),
        seen_(files.size(), false) {}

  static ktstr_status visit(void* ctx, const ktstr_file_read* file) noexcept {
    return static_cast<ManyFiles*>(ctx)->take(*file);
  }
  /// After the call, which ended like this: those that it left out.
  void end(const Status& status) {
    if (thrown_) std::rethrow_exception(thrown_);
    KTSTR_ASSERT(seen_.size() == files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (seen_[i]) continue;
      visit_(i,
             status ? plugin_error(what_ + " said nothing of " + printable(files_[i].name)) : status.error());
    }
  }

 private:
  ktstr_status take(const ktstr_file_read& file) noexcept {
    try {
      if (file.index >= files_.size() || seen_[file.index]) return KTSTR_INVALID_ARGUMENT;
      seen_[file.index] = true;
      visit_(file.index, result_of(file));
      return KTSTR_OK;
    } catch (...) {
      thrown_ = std::current_exception();
      return KTSTR_INTERNAL;
    }
  }
  Result<std::string> result_of(const ktstr_file_read& file) const {
    KTSTR_ASSERT(file.index < files_.size() && seen_[file.index]);
    const StorePort::FileWish& wish = files_[file.index];
    if (file.status != KTSTR_OK) {
      ktstr_error error{};
      error.size = sizeof error;
      if (file.error != nullptr && KTSTR_HAS(ktstr_error, file.error, hint)) {
        error = *file.error;
        error.size = sizeof error;
      }
      return error_of(file.status, error, what_);
    }
    if (file.bytes.len > max_bytes_) return too_large(run_key_ + "/" + wish.name, max_bytes_);
    std::string text;
    text.reserve(std::max<std::uint64_t>(file.bytes.len, std::min(wish.expected_bytes, max_bytes_)));
    text.append(file.bytes.ptr == nullptr ? "" : file.bytes.ptr,
                file.bytes.ptr == nullptr ? 0 : file.bytes.len);
    return text;
  }

  const std::string& what_;
  std::string run_key_;
  const std::vector<StorePort::FileWish>& files_;
  std::uint64_t max_bytes_;
  const StorePort::FileVisitor& visit_;
  std::vector<bool> seen_;
  std::exception_ptr thrown_;
};

class StoreProxy : public StorePort {
 public:
  explicit StoreProxy(std::unique_ptr<PluginInstance> instance) : instance_(std::move(instance)) {
    KTSTR_ASSERT(instance_ != nullptr);
  }

  std::string files_root() const override {
    const Creation& made_from = instance_->creation();
    const bool own = made_from.archive_dir.empty() && made_from.override_dir.empty();
    return own && (table()->capabilities & KTSTR_STORE_RUNS_ROOT) != 0 ? made_from.runs_root : "";
  }
  unsigned max_concurrency() const override {
    return std::min(table()->max_concurrency, KTSTR_STORE_MOST_CALLS);
  }
  Status probe() override {
    if (!KTSTR_HAS(ktstr_store_v1, table(), probe) || table()->probe == nullptr) return Ok{};
    return call_plugin(*instance_, "probe",
                       [&](ktstr_error* e) { return table()->probe(instance_->self(), e); });
  }
  Result<std::vector<RunEntry>> list_runs() override { return runs_of("list_runs", table()->list_runs); }
  Result<std::vector<RunEntry>> list_history() override {
    if (!KTSTR_HAS(ktstr_store_v1, table(), list_history) || table()->list_history == nullptr)
      return std::vector<RunEntry>{};
    return runs_of("list_history", table()->list_history);
  }
  Status remove(std::string_view key) override {
    if (!KTSTR_HAS(ktstr_store_v1, table(), remove) || table()->remove == nullptr)
      return plugin_error(instance_->what() + " removes nothing");
    return call_plugin(*instance_, "remove",
                       [&](ktstr_error* e) { return table()->remove(instance_->self(), borrowed(key), e); });
  }
  Result<std::vector<RunEntry>> list_sessions() override {
    if (!KTSTR_HAS(ktstr_store_v1, table(), list_sessions) || table()->list_sessions == nullptr)
      return std::vector<RunEntry>{};
    return runs_of("list_sessions", table()->list_sessions);
  }
  Result<std::unique_ptr<StoreSessionPort>> begin_session(std::string_view name, bool resume) override {
    if (!KTSTR_HAS(ktstr_store_v1, table(), end_session) || table()->begin_session == nullptr ||
        table()->end_session == nullptr) {
      return plugin_error(instance_->what() + " keeps no sessions",
                          "choose another store: ktstr plugin list");
    }
    void* session = nullptr;
    Collector key(1 << 16);
    const Status status = call_plugin(*instance_, "begin_session", [&](ktstr_error* e) {
      return table()->begin_session(instance_->self(), borrowed(name), resume ? KTSTR_SESSION_RESUME : 0U,
                                    key.writer(), &session, e);
    });
    if (!status) return status.error();
    return std::unique_ptr<StoreSessionPort>(
        std::make_unique<StoreSessionProxy>(*instance_, session, key.take()));
  }
  Result<std::vector<RunEntry>> tidy(bool dry_run) override {
    if (!KTSTR_HAS(ktstr_store_v1, table(), tidy) || table()->tidy == nullptr) return std::vector<RunEntry>{};
    return runs_of("tidy", [this, dry_run](void* self, ktstr_run_visitor visit, void* ctx, ktstr_error* e) {
      return table()->tidy(self, dry_run ? KTSTR_TIDY_DRY_RUN : 0U, visit, ctx, e);
    });
  }
  Result<std::vector<SidecarEntry>> list_sidecars(std::string_view run_key) override {
    return files_of("list_sidecars", table()->list_sidecars, run_key);
  }
  Result<std::vector<SidecarEntry>> list_artifacts(std::string_view run_key) override {
    if (!KTSTR_HAS(ktstr_store_v1, table(), list_artifacts) || table()->list_artifacts == nullptr)
      return std::vector<SidecarEntry>{};
    return files_of("list_artifacts", table()->list_artifacts, run_key);
  }
  Result<std::string> read(std::string_view run_key, std::string_view name, std::uint64_t max_bytes,
                           std::uint64_t expected_bytes) override {
    Collector bytes(max_bytes);
    bytes.make_room(std::min(expected_bytes, max_bytes));
    const Status status = call_plugin(*instance_, "read", [&](ktstr_error* e) {
      return table()->read(instance_->self(), borrowed(run_key), borrowed(name), bytes.writer(), e);
    });
    if (bytes.too_much()) return too_large(std::string(run_key) + "/" + std::string(name), max_bytes);
    if (!status) return status.error();
    return bytes.take();
  }
  bool reads_many() const override {
    return KTSTR_HAS(ktstr_store_v1, table(), read_many) && table()->read_many != nullptr;
  }
  void read_many(std::string_view run_key, const std::vector<FileWish>& files, std::uint64_t max_bytes,
                 const FileVisitor& visit) override {
    if (!reads_many()) return StorePort::read_many(run_key, files, max_bytes, visit);
    std::vector<ktstr_str> names;
    for (const FileWish& file : files) {
      if (file.expected_bytes > max_bytes) return StorePort::read_many(run_key, files, max_bytes, visit);
      names.push_back(borrowed(file.name));
    }
    ManyFiles many(instance_->what(), run_key, files, max_bytes, visit);
    many.end(call_plugin(*instance_, "read_many", [&](ktstr_error* e) {
      return table()->read_many(instance_->self(), borrowed(run_key), names.data(), names.size(),
                                &ManyFiles::visit, &many, e);
    }));
  }
  Result<std::unique_ptr<StoreRunPort>> begin_run(const RunRequest& request) override {
    void* run = nullptr;
    const ktstr_run_request wanted{
        sizeof(ktstr_run_request),
        (request.preclear ? KTSTR_RUN_PRECLEAR : 0U) | (request.partial ? KTSTR_RUN_PARTIAL : 0U),
        borrowed(request.key), borrowed(request.session), borrowed(request.inputs)};
    const Status status = call_plugin(*instance_, "begin_run", [&](ktstr_error* e) {
      return table()->begin_run(instance_->self(), &wanted, &run, e);
    });
    if (!status) return status.error();
    return std::unique_ptr<StoreRunPort>(std::make_unique<StoreRunProxy>(*instance_, run));
  }
  Result<std::string> locate(std::string_view run_key, std::string_view name) override {
    Collector bytes(1 << 16);
    const Status status = call_plugin(*instance_, "locate", [&](ktstr_error* e) {
      return table()->locate(instance_->self(), borrowed(run_key), borrowed(name), bytes.writer(), e);
    });
    if (!status) return status.error();
    return bytes.take();
  }

 private:
  template <typename List>
  Result<std::vector<RunEntry>> runs_of(const char* function, List list) {
    std::vector<RunEntry> runs;
    const Status status = call_plugin(*instance_, function, [&](ktstr_error* e) {
      return list(
          instance_->self(),
          [](void* ctx, const ktstr_run_entry* entry) noexcept -> ktstr_status {
            try {
              static_cast<std::vector<RunEntry>*>(ctx)->push_back(
                  {owned(entry->key), entry->mtime_ns, owned(entry->location),
                   KTSTR_HAS(ktstr_run_entry, entry, stamp) ? entry->stamp : 0});
              return KTSTR_OK;
            } catch (...) {
              return KTSTR_INTERNAL;
            }
          },
          &runs, e);
    });
    if (!status) return status.error();
    return runs;
  }

  Result<std::vector<SidecarEntry>> files_of(const char* function,
                                             decltype(ktstr_store_v1::list_sidecars) list,
                                             std::string_view run_key) {
    std::vector<SidecarEntry> entries;
    const Status status = call_plugin(*instance_, function, [&](ktstr_error* e) {
      return list(
          instance_->self(), borrowed(run_key),
          [](void* ctx, const ktstr_sidecar_entry* entry) noexcept -> ktstr_status {
            try {
              static_cast<std::vector<SidecarEntry>*>(ctx)->push_back(
                  {owned(entry->name), entry->bytes, entry->mtime_ns,
                   KTSTR_HAS(ktstr_sidecar_entry, entry, stamp) ? entry->stamp : 0});
              return KTSTR_OK;
            } catch (...) {
              return KTSTR_INTERNAL;
            }
          },
          &entries, e);
    });
    if (!status) return status.error();
    return entries;
  }

  const ktstr_store_v1* table() const { return instance_->table<ktstr_store_v1>(); }
  std::unique_ptr<PluginInstance> instance_;
};

}  // namespace

std::unique_ptr<StorePort> store_proxy(std::unique_ptr<PluginInstance> instance, const std::string&) {
  return std::make_unique<StoreProxy>(std::move(instance));
}

}  // namespace ktstr
