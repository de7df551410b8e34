// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/baseline.h>

#include <ktstr/cpp/plugin.hpp>

namespace ktstr::sdk {

/// A commit; `label` and `summary` are cut to what there is room for.
inline ktstr_commit commit_of(std::string_view id, std::string_view label, std::string_view summary = {},
                              std::int64_t time_s = 0) {
  ktstr_commit commit{};
  commit.size = sizeof commit;
  copy_text(commit.id, id);
  copy_text(commit.label, label);
  copy_text(commit.summary, summary);
  commit.time_s = time_s;
  return commit;
}

/// Fills in a caller's struct, as far as that goes.
inline void fill_commit(ktstr_commit& out, const ktstr_commit& commit) {
  const std::uint32_t size = out.size;
  std::memcpy(&out, &commit, size < commit.size ? size : commit.size);
  out.size = size;
}

/// Hands commits of a range to the host.
class CommitVisitor {
 public:
  CommitVisitor(ktstr_commit_visitor visit, void* ctx) : visit_(visit), ctx_(ctx) {}
  void operator()(const ktstr_commit& commit) const {
    const ktstr_status status = visit_(ctx_, &commit);
    if (status != KTSTR_OK) throw Error(status, "the walk was stopped");
  }

 private:
  ktstr_commit_visitor visit_;
  void* ctx_;
};

/// Hands paths of a change to the host.
class PathVisitor {
 public:
  PathVisitor(ktstr_path_visitor visit, void* ctx) : visit_(visit), ctx_(ctx) {}
  void operator()(std::string_view path) const {
    const ktstr_status status = visit_(ctx_, str(path));
    if (status != KTSTR_OK) throw Error(status, "the walk was stopped");
  }

 private:
  ktstr_path_visitor visit_;
  void* ctx_;
};

/// Resolves commits and writes checkouts; see ktstr/abi/baseline.h. Called from any thread.
class Baseline {
 public:
  virtual ~Baseline() = default;
  virtual void describe(std::string_view path, ktstr_tree& out) = 0;
  virtual void resolve(const ktstr_baseline_request& request, ktstr_resolved& out) = 0;
  virtual void checkout(std::string_view path, std::string_view commit, std::string_view destination,
                        std::uint32_t flags) = 0;
  virtual void range(std::string_view, std::string_view, std::string_view, const CommitVisitor&) {
    throw Error(KTSTR_UNSUPPORTED, "this baseline cannot list commits");
  }
  /// Ids, see ktstr_diff_request. Empty: it knows no command.
  virtual std::string diff_command(std::string_view /*path*/, std::string_view /*base*/,
                                   std::string_view /*head*/) {
    return {};
  }
  /// Ids, see ktstr_baseline_v1.
  virtual void changed_files(std::string_view /*path*/, std::string_view /*base*/, std::string_view /*head*/,
                             const PathVisitor&) {
    throw Error(KTSTR_UNSUPPORTED, "this baseline cannot tell which files changed");
  }
};

inline const ktstr_baseline_v1* baseline_table() noexcept {
  static const ktstr_baseline_v1 table = {
      sizeof(ktstr_baseline_v1),
      0,
      [](void* self, ktstr_str path, ktstr_tree* out, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Baseline*>(self)->describe(view(path), *out); });
      },
      [](void* self, const ktstr_baseline_request* request, ktstr_resolved* out,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Baseline*>(self)->resolve(*request, *out); });
      },
      [](void* self, ktstr_str path, ktstr_str commit, ktstr_str destination, std::uint32_t flags,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          static_cast<Baseline*>(self)->checkout(view(path), view(commit), view(destination), flags);
        });
      },
      [](void* self, ktstr_str path, ktstr_str good, ktstr_str bad, ktstr_commit_visitor visit, void* ctx,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          static_cast<Baseline*>(self)->range(view(path), view(good), view(bad), CommitVisitor(visit, ctx));
        });
      },
      [](void* self, const ktstr_diff_request* request, const ktstr_writer* out,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          Writer(out).write(static_cast<Baseline*>(self)->diff_command(
              view(request->path), view(request->base), view(request->head)));
        });
      },
      [](void* self, const ktstr_diff_request* request, ktstr_path_visitor visit, void* ctx,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          static_cast<Baseline*>(self)->changed_files(view(request->path), view(request->base),
                                                      view(request->head), PathVisitor(visit, ctx));
        });
      }};
  return &table;
}

template <typename T>
ktstr_impl baseline_impl(std::string_view name, std::string_view summary,
                         std::string_view options_schema = {}) noexcept {
  return make_impl<Baseline, T>(KTSTR_BASELINE_INTERFACE, baseline_table(), name, summary, options_schema);
}

}  // namespace ktstr::sdk
