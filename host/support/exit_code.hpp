// SPDX-License-Identifier: Apache-2.0
//
// The table of exit codes: everywhere and for ever. The enum, `ktstr help exit-codes` and docs/errors.md are
// made from it.
#pragma once
#include <string_view>

namespace ktstr {

// X(name, number, which one wins when several apply: the smallest; when)
#define KTSTR_EXIT_CODES(X)                                                                  \
  X(kFine, 0, 7, "nothing failed")                                                           \
  X(kFailed, 1, 4, "a test failed, or the gate tripped")                                     \
  X(kUsage, 2, 2, "usage or configuration")                                                  \
  X(kEnvironment, 3, 3,                                                                      \
    "environment: no kernel, QEMU missing, VM could not start, baseline cannot be resolved") \
  X(kPlugin, 4, 5, "a plugin, store or reporter failed though the tests passed")             \
  X(kInconclusive, 5, 6, "nothing failed, but a verdict is inconclusive")                    \
  X(kInterrupted, 130, 1, "interrupted")

#define KTSTR_EXIT_ENUM(name, number, rank, when) name = number,
enum class ExitCode : int { KTSTR_EXIT_CODES(KTSTR_EXIT_ENUM) };
#undef KTSTR_EXIT_ENUM

struct ExitCodeRow {
  ExitCode code;
  int rank;  ///< 1 wins over all others
  std::string_view when;
};

#define KTSTR_EXIT_ROW(name, number, rank, when) {ExitCode::name, rank, when},
inline constexpr ExitCodeRow kExitCodes[] = {KTSTR_EXIT_CODES(KTSTR_EXIT_ROW)};
#undef KTSTR_EXIT_ROW

/// What a process ends with that has both to say.
constexpr ExitCode worse(ExitCode a, ExitCode b) {
  const auto rank = [](ExitCode code) {
    for (const ExitCodeRow& row : kExitCodes) {
      if (row.code == code) return row.rank;
    }
    return 0;
  };
  return rank(a) <= rank(b) ? a : b;
}

}  // namespace ktstr
