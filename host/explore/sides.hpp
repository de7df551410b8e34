// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "measure/checkout.hpp"
#include "measure/workplace.hpp"

namespace ktstr {

/// HEAD and the commit that it is compared with, built at one path: what differs in virtual time differs
/// because of the change.
class Sides {
 public:
  /// Checks both out and builds them.
  static Result<std::unique_ptr<Sides>> make(const AppContext& context, BaselinePort& baseline,
                                             RunnerPort& runner, const Tree& tree,
                                             const ResolvedBaseline& base, const Kernel& kernel);

  /// Puts that side's files where both have them.
  Status show(bool base) { return workplace_.show(side(base).spec.prefix); }
  const std::filesystem::path& project_dir() const { return sides_[0].project_dir; }
  const std::string& base_label() const { return sides_[1].spec.label; }

 private:
  explicit Sides(Workplace workplace) : workplace_(std::move(workplace)) {}
  const Checkout& side(bool base) const { return sides_[base ? 1 : 0]; }

  Workplace workplace_;
  Checkout sides_[2];  ///< HEAD, the baseline
};

}  // namespace ktstr
