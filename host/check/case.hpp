// SPDX-License-Identifier: Apache-2.0
//
// What a plugin is held to, one row a promise. A row's function runs in a process of its own and throws what
// it found; to return is to pass.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr {

class Bench;  // check/bench.hpp

/// What a case is about, as bits.
enum CheckKind : unsigned {
  kOfFile = 1,  ///< the plugin as a whole, once
  kOfGate = 2,
  kOfReporter = 4,
  kOfStore = 8,
  kOfBaseline = 16,
  kOfRunner = 32,
  kOfEvery = 62,  ///< each implementation of whatever kind
};

struct CheckCase {
  std::string_view name;     ///< stable: "gate-no-values"
  unsigned kinds;            ///< CheckKind bits
  std::string_view promise;  ///< what a plugin that passes keeps
  void (*run)(Bench& bench);
  std::string_view needs = {};  ///< a case before it without which it says nothing
};

/// All of them, in the order in which they run: what others need comes first.
const std::vector<CheckCase>& check_cases();

std::span<const CheckCase> file_cases();
std::span<const CheckCase> lifecycle_cases();
std::span<const CheckCase> state_cases();
std::span<const CheckCase> gate_cases();
std::span<const CheckCase> reporter_cases();
std::span<const CheckCase> store_cases();
std::span<const CheckCase> baseline_cases();
std::span<const CheckCase> runner_cases();

/// "gate" for kOfGate; "plugin" for kOfFile; "all" for kOfEvery.
std::string_view name_of_kind(unsigned kinds);
/// The bit of an interface id ("ktstr.gate/1"); 0 for one that this ktstr does not know.
unsigned kind_of_interface(std::string_view interface_id);

enum class CaseState {
  kPassed,
  kFailed,
  kSkipped,       ///< could not be found out, so nothing is known
  kNotApplicable  ///< nothing to find out: an optional function is not there
};

/// How a case ended, thrown by its function.
struct CaseEnd {
  CaseState state = CaseState::kPassed;
  std::string text;  ///< one line, the plugin's words escaped; empty when passed
};

[[noreturn]] void fail(std::string text);
[[noreturn]] void skip(std::string text);
[[noreturn]] void does_not_apply(std::string text);
inline void require(bool holds, std::string_view otherwise) {
  if (!holds) fail(std::string(otherwise));
}

}  // namespace ktstr
