// SPDX-License-Identifier: Apache-2.0
//
// How a comparison ends, and the one sentence that says so. Exit 0 is claimed, never fallen into: every way
// in which a side can lack numbers is a kind of `Shortfall`, and a comparison with one that hinders it is not
// a pass. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "compare/verdict.hpp"

namespace ktstr {

/// Why something that should have been compared was not. The order is that of telling: the first kinds come
/// first.
enum class ShortfallKind {
  kCouldNotRun,   ///< the machine, the scheduler's files or the build could not be had (exit code 3 when
                  ///< nothing else was judged)
  kDidNotPass,    ///< it ran, and no run of the side passed
  kUnfinished,    ///< the run ended early: killed, full disk, interrupted
  kUnreadable,    ///< a sidecar that cannot be parsed, is too large or lacks a key
  kNewer,         ///< written by a newer schema than this reader knows
  kOtherTree,     ///< measured before files of the tree changed that it should tell of
  kOtherKernel,   ///< both sides have it, on different kernels
  kOtherMachine,  ///< both sides have it, with another accelerator or clock
  kSkipped,       ///< skipped or expected to fail on a side
  kLeftOut,       ///< the invocation that measured the side was told to leave it out
  kUnpaired,      ///< one side has it, the other has no result, and nothing says why
  kNoCgroup,      ///< a cgroup that runs of one side do not tell of
  kNoValue,       ///< a metric that one side lacks
};
/// "could_not_run", as documents spell it.
const char* shortfall_name(ShortfallKind kind);

struct Shortfall {
  ShortfallKind kind = ShortfallKind::kUnpaired;
  bool head = true;      ///< the side that lacks it
  std::string scenario;  ///< printable; empty: the whole side
  std::string reason;    ///< printable, one line; empty: none is known. Of kNoValue: the metric's name, of
                         ///< kNoCgroup the cgroup's
  bool minor =
      false;  ///< the rest can be judged without it: it counts under --strict, and when there is no rest
};

struct ConclusionFacts {
  // What should be there and is not.
  std::vector<Shortfall> shortfalls;
  bool baseline_has_performance_tests = true;  ///< false: "nothing to compare" is the truth
  bool baseline_is_known = true;               ///< false: nothing is stored of it that could tell
  bool head_has_performance_tests = true;
  bool strict = false;
  bool baseline_required = false;  ///< none, and the build fails
  std::uint64_t warnings = 0;
  std::string baseline_label, head_label;

  // What was judged.
  Overall judged = Overall::kEmpty;  ///< of the rows alone, see headline.hpp
  std::string found;                 ///< their sentence, printable
  std::uint64_t scenarios = 0;       ///< compared
};

struct Conclusion {
  Overall overall = Overall::kEmpty;
  ExitCode code = ExitCode::kInconclusive;
  std::string headline;  ///< one printable sentence: what happened, where, by how much, how sure
};

Conclusion conclude(const ConclusionFacts& facts);

/// How a sentence calls the sides.
struct SideNames {
  std::string baseline = "the baseline", head = "HEAD";
  const std::string& of(bool is_head) const { return is_head ? head : baseline; }
};

/// "3 scenarios could not run on HEAD (no such file: build/mine); 1 was skipped on the baseline"; empty
/// without any. `minor`: those too.
std::string shortfall_text(const std::vector<Shortfall>& shortfalls, bool minor, const SideNames& names = {});

}  // namespace ktstr
