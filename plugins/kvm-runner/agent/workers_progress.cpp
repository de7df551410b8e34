// SPDX-License-Identifier: Apache-2.0
//
// What sets have done so far, for marks.
#include <string>

#include "agent/workers.hpp"

namespace ktstr::agent {

Workers::Progress Workers::progress(std::size_t set) const {
  Progress sum;
  for (std::size_t number = sets_[set].first; number < sets_[set].first + sets_[set].count; ++number) {
    const WorkerReport& seen = report(number);
    sum.iterations += seen.numbers.iterations;
    sum.migrations += seen.numbers.migrations;
    if (workers_[number].running) {
      const std::uint64_t waited = read_run_delay(std::to_string(workers_[number].pid)).waited_ns;
      sum.run_delay_ns += waited > seen.delay_begin_ns ? waited - seen.delay_begin_ns : 0;
    } else {
      sum.run_delay_ns += seen.numbers.run_delay_ns;
    }
  }
  for (std::size_t d = 0; d < sum.samples.size(); ++d) sum.samples[d] = buckets(set, d);
  return sum;
}

std::uint64_t Workers::rounds(std::size_t set) const {
  std::uint64_t sum = 0;
  const bool messenger = scenario_.sets[set].work.type->has_messenger;
  for (std::size_t number = sets_[set].first; number < sets_[set].first + sets_[set].count; ++number) {
    if (!messenger || workers_[number].index_in_group != 0) sum += report(number).numbers.iterations;
  }
  return sum;
}

/// The histogram of a distribution over all workers of a set.
kvm::Buckets Workers::buckets(std::size_t set, std::size_t distribution) const {
  kvm::Histogram all{};
  for (std::size_t number = sets_[set].first; number < sets_[set].first + sets_[set].count; ++number) {
    const kvm::Histogram* one = room(number, distribution).all;
    if (one == nullptr) return {};
    for (std::size_t b = 0; b < all.size(); ++b) all[b] += (*one)[b];
  }
  kvm::Buckets filled;
  for (std::size_t b = 0; b < all.size(); ++b) {
    if (all[b] != 0) filled.emplace_back(static_cast<std::uint32_t>(b), all[b]);
  }
  return filled;
}

}  // namespace ktstr::agent
