// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/gate.h>

#include <ktstr/cpp/plugin.hpp>

namespace ktstr::sdk {

/// A rule that judges comparisons; see ktstr/abi/gate.h for its duties.
class Gate {
 public:
  virtual ~Gate() = default;
  /// out[i] is the verdict on in[i]; every field is preset (numbers NaN, text empty, outcome
  /// KTSTR_UNCHANGED).
  virtual void evaluate(const ktstr_comparison* const* in, ktstr_verdict* const* out,
                        std::uint64_t count) = 0;
};

/// The C table behind a Gate that needs `MinSamples` values a side; `Capabilities` are KTSTR_GATE_* bits.
template <std::uint32_t MinSamples, std::uint32_t Capabilities>
const ktstr_gate_v1* gate_table() noexcept {
  static const ktstr_gate_v1 table = {
      sizeof(ktstr_gate_v1), Capabilities, MinSamples, 0,
      [](void* self, const ktstr_comparison* const* in, ktstr_verdict* const* out, std::uint64_t count,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Gate*>(self)->evaluate(in, out, count); });
      }};
  return &table;
}

template <typename T, std::uint32_t MinSamples = 1, std::uint32_t Capabilities = 0>
ktstr_impl gate_impl(std::string_view name, std::string_view summary,
                     std::string_view options_schema = {}) noexcept {
  return make_impl<Gate, T>(KTSTR_GATE_INTERFACE, gate_table<MinSamples, Capabilities>(), name, summary,
                            options_schema);
}

}  // namespace ktstr::sdk
