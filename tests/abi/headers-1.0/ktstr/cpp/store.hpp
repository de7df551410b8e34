// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/store.h>

#include <ktstr/cpp/plugin.hpp>
#include <type_traits>
#include <vector>

namespace ktstr::sdk {

/// Where `list_runs` and `list_sidecars` put what they find.
class RunVisitor {
 public:
  RunVisitor(ktstr_run_visitor visit, void* ctx) : visit_(visit), ctx_(ctx) {}
  void operator()(std::string_view key, std::int64_t mtime_ns, std::uint64_t sidecars,
                  std::string_view location, std::uint64_t stamp = 0) const {
    const ktstr_run_entry entry = {sizeof(ktstr_run_entry), 0,    str(key), mtime_ns, sidecars,
                                   str(location),           stamp};
    const ktstr_status status = visit_(ctx_, &entry);
    if (status != KTSTR_OK) throw Error(status, "the walk was stopped");
  }

 private:
  ktstr_run_visitor visit_;
  void* ctx_;
};

class SidecarVisitor {
 public:
  SidecarVisitor(ktstr_sidecar_visitor visit, void* ctx) : visit_(visit), ctx_(ctx) {}
  void operator()(std::string_view name, std::uint64_t bytes, std::int64_t mtime_ns,
                  std::uint64_t stamp = 0) const {
    const ktstr_sidecar_entry entry = {sizeof(ktstr_sidecar_entry), 0, str(name), bytes, mtime_ns, stamp};
    const ktstr_status status = visit_(ctx_, &entry);
    if (status != KTSTR_OK) throw Error(status, "the walk was stopped");
  }

 private:
  ktstr_sidecar_visitor visit_;
  void* ctx_;
};

/// Where `read_many` puts what it reads; one call at a time.
class FileVisitor {
 public:
  FileVisitor(ktstr_file_visitor visit, void* ctx) : visit_(visit), ctx_(ctx) {}
  /// `index`: which of the names.
  void operator()(std::size_t index, std::string_view bytes) const { tell(index, KTSTR_OK, bytes, nullptr); }
  void operator()(std::size_t index, const Error& why) const {
    ktstr_error error{};
    error.size = sizeof error;
    fill_error(&error, why.status(), why.message(), why.hint());
    tell(index, why.status(), {}, &error);
  }

 private:
  void tell(std::size_t index, ktstr_status status, std::string_view bytes, const ktstr_error* error) const {
    const ktstr_file_read file = {sizeof(ktstr_file_read), status, index, str(bytes), error};
    const ktstr_status answer = visit_(ctx_, &file);
    if (answer != KTSTR_OK) throw Error(answer, "the reading was stopped");
  }
  ktstr_file_visitor visit_;
  void* ctx_;
};

/// As ktstr_run_request.
struct RunRequest {
  std::string_view key, session, inputs;
  bool preclear = false, partial = false;
};

/// As ktstr_put_request.
struct PutRequest {
  std::string_view name, bytes;
  bool artifact = false;
};

/// As ktstr_run_changes.
struct RunChanges {
  std::uint64_t cleared = 0;
  bool other_inputs = false;
};

/// One open run of a store; ended by its destructor.
class StoreRun {
 public:
  virtual ~StoreRun() = default;
  virtual void put(const PutRequest& request) = 0;
  virtual void remove_artifact(std::string_view name) = 0;
  /// What could fail at the end of a run goes here, not into the destructor. Called once, last.
  virtual RunChanges end(bool complete) = 0;
};

/// A session that is held; let go by its destructor.
class StoreSession {
 public:
  virtual ~StoreSession() = default;
  virtual std::string key() const = 0;
  /// How many sessions were removed afterwards. Called once, last.
  virtual std::uint64_t end() = 0;
};

/// Keeps sidecars; see ktstr/abi/store.h. `list_sidecars`, `list_artifacts`, `read` and `read_many` are
/// called from several threads at once.
class Store {
 public:
  virtual ~Store() = default;
  virtual void list_runs(const RunVisitor& visit) = 0;
  virtual void list_sidecars(std::string_view run_key, const SidecarVisitor& visit) = 0;
  virtual void read(std::string_view run_key, std::string_view name, const Writer& out) = 0;
  virtual std::unique_ptr<StoreRun> begin_run(const RunRequest& request) = 0;
  virtual std::string locate(std::string_view run_key, std::string_view name) = 0;
  /// Throws when runs cannot be written.
  virtual void probe() {}
  /// A store that does not override it is asked for one file after the other.
  virtual void read_many(std::string_view /*run_key*/, const std::vector<std::string_view>& /*names*/,
                         const FileVisitor& /*visit*/) {
    throw Error(KTSTR_UNSUPPORTED, "this store reads one file at a time");
  }
  /// Files that were put as artifacts. A store that cannot tell visits nothing.
  virtual void list_artifacts(std::string_view run_key, const SidecarVisitor& visit) {
    static_cast<void>(run_key), static_cast<void>(visit);
  }
  /// A store without a history visits nothing.
  virtual void list_history(const RunVisitor&) {}
  virtual void remove(std::string_view key) {
    throw Error(KTSTR_UNSUPPORTED, "cannot remove \"" + std::string(key) + "\": this store removes nothing");
  }
  /// A store without sessions lists none.
  virtual std::unique_ptr<StoreSession> begin_session(std::string_view /*name*/, bool /*resume*/) {
    throw Error(KTSTR_UNSUPPORTED, "this store keeps no sessions");
  }
  virtual void list_sessions(const RunVisitor&) {}
  virtual void tidy(bool /*dry_run*/, const RunVisitor&) {}
};

/// Null for a class that left it as it is.
template <typename T>
constexpr decltype(ktstr_store_v1::read_many) read_many_thunk() noexcept {
  if constexpr (std::is_same_v<decltype(&T::read_many), decltype(&Store::read_many)>) {
    return nullptr;
  } else {
    return [](void* self, ktstr_str key, const ktstr_str* names, std::uint64_t count,
              ktstr_file_visitor visit, void* ctx, ktstr_error* error) noexcept -> ktstr_status {
      return guarded(error, [&] {
        std::vector<std::string_view> wanted;
        for (std::uint64_t i = 0; i < count; ++i) wanted.push_back(view(names[i]));
        static_cast<Store*>(self)->read_many(view(key), wanted, FileVisitor(visit, ctx));
      });
    };
  }
}

/// `Capabilities`: KTSTR_STORE_* bits; `MaxConcurrency`: as in ktstr_store_v1.
template <typename T, std::uint32_t Capabilities, std::uint32_t MaxConcurrency>
const ktstr_store_v1* store_table() noexcept {
  static const ktstr_store_v1 table = {
      sizeof(ktstr_store_v1),
      Capabilities,
      MaxConcurrency,
      0,
      [](void* self, ktstr_run_visitor visit, void* ctx, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->list_runs(RunVisitor(visit, ctx)); });
      },
      [](void* self, ktstr_str key, ktstr_sidecar_visitor visit, void* ctx,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(
            error, [&] { static_cast<Store*>(self)->list_sidecars(view(key), SidecarVisitor(visit, ctx)); });
      },
      [](void* self, ktstr_str key, ktstr_str name, const ktstr_writer* out,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->read(view(key), view(name), Writer(out)); });
      },
      [](void* self, const ktstr_run_request* request, void** run,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          const RunRequest wanted{view(request->key), view(request->session), view(request->inputs),
                                  (request->flags & KTSTR_RUN_PRECLEAR) != 0,
                                  (request->flags & KTSTR_RUN_PARTIAL) != 0};
          *run = static_cast<Store*>(self)->begin_run(wanted).release();
        });
      },
      [](void*, void* run, const ktstr_put_request* request, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          static_cast<StoreRun*>(run)->put(
              {view(request->name), view(request->bytes), (request->flags & KTSTR_PUT_ARTIFACT) != 0});
        });
      },
      [](void*, void* run, std::uint32_t flags, ktstr_run_changes* changes,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          const std::unique_ptr<StoreRun> last(static_cast<StoreRun*>(run));
          const RunChanges told = last->end((flags & KTSTR_RUN_COMPLETE) != 0);
          if (changes == nullptr) return;
          changes->flags = told.other_inputs ? KTSTR_RUN_OTHER_INPUTS : 0U;
          changes->cleared = told.cleared;
        });
      },
      [](void* self, ktstr_str key, ktstr_str name, const ktstr_writer* out,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error,
                       [&] { Writer(out).write(static_cast<Store*>(self)->locate(view(key), view(name))); });
      },
      [](void* self, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->probe(); });
      },
      read_many_thunk<T>(),
      [](void* self, ktstr_run_visitor visit, void* ctx, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->list_history(RunVisitor(visit, ctx)); });
      },
      [](void* self, ktstr_str key, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->remove(view(key)); });
      },
      [](void* self, ktstr_str key, ktstr_sidecar_visitor visit, void* ctx,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(
            error, [&] { static_cast<Store*>(self)->list_artifacts(view(key), SidecarVisitor(visit, ctx)); });
      },
      [](void*, void* run, ktstr_str name, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<StoreRun*>(run)->remove_artifact(view(name)); });
      },
      [](void* self, ktstr_str name, std::uint32_t flags, const ktstr_writer* key, void** session,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          auto begun =
              static_cast<Store*>(self)->begin_session(view(name), (flags & KTSTR_SESSION_RESUME) != 0);
          Writer(key).write(begun->key());
          *session = begun.release();
        });
      },
      [](void*, void* session, std::uint64_t* removed, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          const std::unique_ptr<StoreSession> last(static_cast<StoreSession*>(session));
          const std::uint64_t gone = last->end();
          if (removed != nullptr) *removed = gone;
        });
      },
      [](void* self, ktstr_run_visitor visit, void* ctx, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->list_sessions(RunVisitor(visit, ctx)); });
      },
      [](void* self, std::uint32_t flags, ktstr_run_visitor visit, void* ctx,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          static_cast<Store*>(self)->tidy((flags & KTSTR_TIDY_DRY_RUN) != 0, RunVisitor(visit, ctx));
        });
      }};
  return &table;
}

template <typename T, std::uint32_t Capabilities = 0, std::uint32_t MaxConcurrency = 0>
ktstr_impl store_impl(std::string_view name, std::string_view summary,
                      std::string_view options_schema = {}) noexcept {
  return make_impl<Store, T>(KTSTR_STORE_INTERFACE, store_table<T, Capabilities, MaxConcurrency>(), name,
                             summary, options_schema);
}

}  // namespace ktstr::sdk
