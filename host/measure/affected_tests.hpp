// SPDX-License-Identifier: Apache-2.0
//
// The tests of a project that a change can touch: what changed says the baseline, what a test is made of its
// runner, what belongs to whom the project.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "select/affected.hpp"
#include "session/commits.hpp"

namespace ktstr {

struct AffectedTests {
  ResolvedBaseline base;
  std::optional<std::vector<std::string>> changed;  ///< relative to the project; nothing: nobody can tell
  std::vector<TestEntry> tests;
  std::vector<TestInputs> inputs;               ///< of `tests`, in their order
  ChangeEffects effects;                        ///< the same
  std::size_t count() const;                    ///< of tests that are affected
  std::vector<std::string> schedulers() const;  ///< of those, each once
};

/// What the tree as it lies there can do to `tests`, beside the commit of `choice`. These are all tests of
/// the project: what one of them claims, nobody else need claim.
Result<AffectedTests> affected_tests(const AppContext& context, const CommitChoice& choice,
                                     BaselinePort& baseline, const Tree& tree, std::vector<TestEntry> tests);

/// Leaves only the tests that are among `selected`; what is claimed stays as it was.
void keep_selected(const std::vector<TestEntry>& selected, AffectedTests& affected);

/// What a person should know of it: what nobody claims, what the baseline cannot tell; no line when nothing.
std::vector<std::string> news_of(const AffectedTests& affected);

/// Names of those that are affected; what is chosen and why is told.
Result<std::set<std::string>> relevant_tests(const AppContext& context, const CommitChoice& choice,
                                             BaselinePort& baseline, const Tree& tree,
                                             const std::vector<TestEntry>& tests);

}  // namespace ktstr
