// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/gate.h>

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace ktstr {

/// What a gate is shown: copies, because reports print the host's own numbers and a gate may write where it
/// should only read.
class GateView {
 public:
  explicit GateView(const std::vector<const ktstr_comparison*>& comparisons);
  GateView(const GateView&) = delete;
  GateView& operator=(const GateView&) = delete;

  const ktstr_comparison* const* data() const { return pointers_.data(); }

 private:
  const ktstr_samples* copy(const ktstr_samples& samples);

  std::vector<double> values_;
  std::vector<std::uint64_t> counters_;
  std::map<const ktstr_scenario*, ktstr_scenario> scenarios_;
  std::deque<ktstr_samples> samples_;
  std::deque<ktstr_history> histories_;
  std::vector<ktstr_comparison> comparisons_;
  std::vector<const ktstr_comparison*> pointers_;
};

}  // namespace ktstr
