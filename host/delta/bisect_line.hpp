// SPDX-License-Identifier: Apache-2.0
//
// What `ktstr bisect` searches: commits of the project, kernels by their versions, or commits of a tree of
// Linux that are built when it is their turn.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "delta/bisect.hpp"
#include "measure/checkout.hpp"

namespace ktstr {

class BisectLine {
 public:
  virtual ~BisectLine() = default;
  /// Oldest first, at least two; nothing is judged yet.
  const std::vector<Bisected>& places() const { return places_; }
  /// What is measured there. A kernel may have to be fetched or built first.
  virtual Result<SideSpec> side(std::size_t at) = 0;
  /// What runs where a side does not say; after side(0).
  virtual const Kernel& kernel() const = 0;
  /// The command that shows what `at` changed; empty: nobody knows one.
  virtual std::string show(std::size_t at) const = 0;
  /// How messages call a place: "--bad v1.0", "kernel 6.18.15".
  virtual std::string name(std::size_t at) const = 0;
  /// Where tests are looked for, in messages.
  virtual std::string ground() const = 0;

 protected:
  std::vector<Bisected> places_;
};

Result<std::unique_ptr<BisectLine>> bisect_line(const AppContext& context, const BisectRequest& request,
                                                BaselinePort& baseline, const Tree& tree);

}  // namespace ktstr
