// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/store.h>
#include <ktstr/cpp/plugin.hpp>

namespace ktstr::sdk {

/// Where `list_runs` and `list_sidecars` put what they find.
class RunVisitor {
 public:
  RunVisitor(ktstr_run_visitor visit, void* ctx) : visit_(visit), ctx_(ctx) {}
  void operator()(std::string_view key, std::int64_t mtime_ns, std::uint64_t sidecars, std::string_view location, std::uint64_t stamp = 0) const {
    const ktstr_run_entry entry = {sizeof(ktstr_run_entry), 0, str(key), mtime_ns, sidecars, str(location), stamp};
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
  void operator()(std::string_view name, std::uint64_t bytes, std::int64_t mtime_ns, std::uint64_t stamp = 0) const {
    const ktstr_sidecar_entry entry = {sizeof(ktstr_sidecar_entry), 0, str(name), bytes, mtime_ns, stamp};
    const ktstr_status status = visit_(ctx_, &entry);
    if (status != KTSTR_OK) throw Error(status, "the walk was stopped");
  }

 private:
  ktstr_sidecar_visitor visit_;
  void* ctx_;
};

/// One open run of a store; ended by its destructor.
class StoreRun {
 public:
  virtual ~StoreRun() = default;
  virtual void put(std::string_view name, std::string_view bytes) = 0;
  virtual void put_artifact(std::string_view name, std::string_view bytes) = 0;
  /// What could fail at the end of a run goes here, not into the destructor. Called once, last.
  virtual void end() = 0;
};

/// Keeps sidecars; see ktstr/abi/store.h. `list_sidecars` and `read` are called from several threads at once.
class Store {
 public:
  virtual ~Store() = default;
  virtual void list_runs(const RunVisitor& visit) = 0;
  virtual void list_sidecars(std::string_view run_key, const SidecarVisitor& visit) = 0;
  virtual void read(std::string_view run_key, std::string_view name, const Writer& out) = 0;
  virtual std::unique_ptr<StoreRun> begin_run(std::string_view run_key, std::string_view session, std::uint32_t flags) = 0;
  virtual std::string locate(std::string_view run_key, std::string_view name) = 0;
  /// A store without a history visits nothing.
  virtual void list_history(const RunVisitor&) {}
  virtual void remove_history(std::string_view key) { throw Error(KTSTR_NOT_FOUND, "there is no \"" + std::string(key) + "\" in the history"); }
};

inline const ktstr_store_v1* store_table() noexcept {
  static const ktstr_store_v1 table = {
      sizeof(ktstr_store_v1), 0,
      [](void* self, ktstr_run_visitor visit, void* ctx, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->list_runs(RunVisitor(visit, ctx)); });
      },
      [](void* self, ktstr_str key, ktstr_sidecar_visitor visit, void* ctx, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->list_sidecars(view(key), SidecarVisitor(visit, ctx)); });
      },
      [](void* self, ktstr_str key, ktstr_str name, const ktstr_writer* out, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->read(view(key), view(name), Writer(out)); });
      },
      [](void* self, ktstr_str key, ktstr_str session, std::uint32_t flags, void** run, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { *run = static_cast<Store*>(self)->begin_run(view(key), view(session), flags).release(); });
      },
      [](void*, void* run, ktstr_str name, ktstr_str bytes, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<StoreRun*>(run)->put(view(name), view(bytes)); });
      },
      [](void*, void* run, ktstr_str name, ktstr_str bytes, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<StoreRun*>(run)->put_artifact(view(name), view(bytes)); });
      },
      [](void*, void* run, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          const std::unique_ptr<StoreRun> last(static_cast<StoreRun*>(run));
          last->end();
        });
      },
      [](void* self, ktstr_str key, ktstr_str name, const ktstr_writer* out, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { Writer(out).write(static_cast<Store*>(self)->locate(view(key), view(name))); });
      },
      [](void* self, ktstr_run_visitor visit, void* ctx, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->list_history(RunVisitor(visit, ctx)); });
      },
      [](void* self, ktstr_str key, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Store*>(self)->remove_history(view(key)); });
      }};
  return &table;
}

template <typename T>
ktstr_impl store_impl(std::string_view name, std::string_view summary, std::string_view options_schema = {}) noexcept {
  return make_impl<Store, T>(KTSTR_STORE_INTERFACE, store_table(), name, summary, options_schema);
}

}  // namespace ktstr::sdk
