// SPDX-License-Identifier: Apache-2.0
//
// "HEAD is worse than the baseline in this very scenario", by the gates of perf-delta.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "delta/judgement.hpp"

namespace ktstr {

/// A metric in which HEAD is worse.
struct WorseMetric {
  std::string name;
  std::string sentence;  ///< printable: from what to what
};

/// What one run of a scenario left on each side: sidecars.
struct SidePair {
  std::string base, head;
};

class AgainstBase {
 public:
  static Result<AgainstBase> make(const AppContext& context);

  /// By size alone, as the gates of stored runs judge: the worst first.
  Result<std::vector<WorseMetric>> suspects(const SidePair& pair) { return worse_in(sized_, {pair}); }
  /// Of runs with several seeds, as the gates of repeated runs judge.
  Result<std::vector<WorseMetric>> confirmed(const std::vector<SidePair>& pairs) {
    return worse_in(repeated_, pairs);
  }
  std::vector<std::string> gates() const { return repeated_.names(); }

 private:
  AgainstBase(const AppContext& context, Gates sized, Gates repeated)
      : context_(context), sized_(std::move(sized)), repeated_(std::move(repeated)) {}
  Result<std::vector<WorseMetric>> worse_in(Gates& gates, const std::vector<SidePair>& pairs);

  const AppContext& context_;
  Gates sized_, repeated_;
};

}  // namespace ktstr
