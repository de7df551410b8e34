// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/baseline.h>

#include <ktstr/cpp/plugin.hpp>

namespace ktstr::sdk {

/// Hands commits of a range to the host.
class CommitVisitor {
 public:
  CommitVisitor(ktstr_commit_visitor visit, void* ctx) : visit_(visit), ctx_(ctx) {}
  void operator()(std::string_view commit, std::string_view summary) const {
    const ktstr_status status = visit_(ctx_, str(commit), str(summary));
    if (status != KTSTR_OK) throw Error(status, "the walk was stopped");
  }

 private:
  ktstr_commit_visitor visit_;
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
      }};
  return &table;
}

template <typename T>
ktstr_impl baseline_impl(std::string_view name, std::string_view summary,
                         std::string_view options_schema = {}) noexcept {
  return make_impl<Baseline, T>(KTSTR_BASELINE_INTERFACE, baseline_table(), name, summary, options_schema);
}

}  // namespace ktstr::sdk
