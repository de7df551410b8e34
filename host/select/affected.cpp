// SPDX-License-Identifier: Apache-2.0
#include "select/affected.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

bool is_one_of(const std::vector<std::string>& patterns, std::string_view path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return names_path(pattern, path); });
}

bool is_or_holds(std::string_view input, std::string_view path) {
  if (!path.starts_with(input)) return false;
  return path.size() == input.size() || input.ends_with('/') || path[input.size()] == '/';
}

bool has(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// What one file means for one test by what the test itself is made of; empty: nothing.
std::string direct_claim(const TestInputs& test, std::string_view path) {
  if (path == test.manifest) return "its manifest";
  const bool claimed = std::any_of(test.files.begin(), test.files.end(),
                                   [&](const std::string& input) { return is_or_holds(input, path); });
  return claimed ? "one of its files" : "";
}

/// The scheduler of the test whose source the file is.
std::string source_claim(const TestInputs& test, const ChangeRules& rules, std::string_view path) {
  for (const auto& [scheduler, patterns] : rules.sources) {
    const bool uses = scheduler == "*" ? !test.schedulers.empty() : has(test.schedulers, scheduler);
    if (uses && is_one_of(patterns, path))
      return scheduler == "*" ? "a source of all schedulers" : "a source of " + scheduler;
  }
  return {};
}

class Effects {
 public:
  Effects(const std::vector<TestInputs>& tests, const ChangeRules& rules)
      : tests_(tests), rules_(rules), found_{std::vector<Effect>(tests.size()), {}} {}

  void add(const std::string& path) {
    if (path == rules_.configuration) return touch_all(path, "the project's configuration");
    bool claimed = false;
    for (std::size_t i = 0; i < tests_.size(); ++i) {
      const std::string why = direct_claim(tests_[i], path);
      claimed = claimed || !why.empty();
      if (!why.empty()) touch(i, path, why);
    }
    if (!claimed && is_one_of(rules_.irrelevant, path)) return;
    const bool is_source = std::any_of(rules_.sources.begin(), rules_.sources.end(),
                                       [&](const auto& row) { return is_one_of(row.second, path); });
    for (std::size_t i = 0; i < tests_.size(); ++i) {
      const std::string why = source_claim(tests_[i], rules_, path);
      if (!why.empty()) {
        touch(i, path, why);
      } else if (!tests_[i].told) {
        touch(i, path, "its runner does not say what it is made of");
      }
    }
    if (claimed || is_source) return;
    found_.unclaimed.push_back(path);
    touch_all(path, "claimed by no test, so every test may depend on it");
  }
  ChangeEffects take() { return std::move(found_); }

 private:
  void touch(std::size_t test, const std::string& path, const std::string& why) {
    if (!found_.tests[test].affected) found_.tests[test] = {true, path, why};
  }
  void touch_all(const std::string& path, const std::string& why) {
    for (std::size_t i = 0; i < tests_.size(); ++i) touch(i, path, why);
  }

  const std::vector<TestInputs>& tests_;
  const ChangeRules& rules_;
  ChangeEffects found_;
};

}  // namespace

bool names_path(std::string_view pattern, std::string_view path) {
  if (pattern.ends_with('/')) return path.starts_with(pattern);
  if (pattern.find('/') == std::string_view::npos) path.remove_prefix(path.rfind('/') + 1);
  return glob_match(pattern, path);
}

ChangeEffects effects_of(const std::optional<std::vector<std::string>>& changed,
                         const std::vector<TestInputs>& tests, const ChangeRules& rules) {
  if (!changed) {
    return {std::vector<Effect>(tests.size(), {true, "", "the baseline plugin cannot tell what changed"}),
            {}};
  }
  Effects effects(tests, rules);
  for (const std::string& path : *changed) effects.add(path);
  ChangeEffects found = effects.take();
  KTSTR_ASSERT(found.tests.size() == tests.size());
  return found;
}

}  // namespace ktstr
