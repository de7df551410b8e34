// SPDX-License-Identifier: Apache-2.0
//
// Tests as a command line names them: parts of names, an expression, schedulers.
#pragma once
#include <string>
#include <vector>

#include "select/filter.hpp"

namespace ktstr {

struct TestWords {
  std::vector<std::string> names;       ///< parts of names, or globs of whole ones; none: all
  std::string expression;               ///< -E; empty: none
  std::vector<std::string> schedulers;  ///< none: any
};

/// What selects the tests of any of these names that the expression and the schedulers let through.
Result<Filter> filter_of(const TestWords& words);

}  // namespace ktstr
