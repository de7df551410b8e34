// SPDX-License-Identifier: Apache-2.0
//
// The filter language of -E/--filter: which tests take part. docs/filter.md describes it. Pure.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

struct SidecarRecord;  // sidecar/sidecar.hpp

/// What a filter looks at.
struct FilterSubject {
  std::string_view test, topology, scheduler, work_type;
};

/// A parsed expression; the default one selects everything.
class Filter {
 public:
  /// The error points at the place: its hint repeats the expression with a caret below it.
  static Result<Filter> parse(const std::string& text, const std::string& what);

  bool matches(const FilterSubject& subject) const;
  bool matches(const SidecarRecord& record) const;
  bool empty() const { return root_ == nullptr; }
  const std::string& text() const { return text_; }
  /// The texts that test names are compared with, for a "did you mean" when nothing matches.
  std::vector<std::string> names() const;

  struct Node;

 private:
  std::string text_;
  std::shared_ptr<const Node> root_;
};

}  // namespace ktstr
