// SPDX-License-Identifier: Apache-2.0
//
// A gate's plugin.cpp that is compiled into its test, entered where the host enters it.
#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <ktstr/sdk.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "framework/comparisons.hpp"

namespace ktstr::testing {

inline const ktstr_plugin& plugin() { return *ktstr_plugin_entry_v1(); }
inline const ktstr_gate_v1& table() {
  return *static_cast<const ktstr_gate_v1*>(plugin().impls[0].interface_table);
}

inline ktstr_verdict blank() {
  ktstr_verdict verdict{};
  verdict.size = sizeof verdict;
  return verdict;
}

class Instance {
 public:
  explicit Instance(std::string_view options) {
    host_.size = sizeof host_;
    error_.size = sizeof error_;
    ktstr_create_request request{};
    request.size = sizeof request;
    request.options = {options.data(), options.size()};
    status_ = plugin().impls[0].create(&host_, &request, &self_, &error_);
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance() {
    if (self_ != nullptr) plugin().impls[0].destroy(self_);
  }
  ktstr_status status() const { return status_; }
  std::string message() const { return error_.message; }
  void* self() const { return self_; }

 private:
  ktstr_host host_{};
  ktstr_error error_{};
  ktstr_status status_ = KTSTR_INTERNAL;
  void* self_ = nullptr;
};

/// What the descriptor of a shipped gate says. `option`: one that its schema has.
inline void expect_descriptor(const std::string& name, const std::string& option, std::uint32_t min_samples) {
  EXPECT_EQ(plugin().size, sizeof(ktstr_plugin));
  EXPECT_EQ(plugin().abi_major, KTSTR_ABI_MAJOR);
  EXPECT_EQ(sdk::view(plugin().id), "org.ktstr.gate-" + name);
  ASSERT_EQ(plugin().impl_count, 1u);
  EXPECT_EQ(sdk::view(plugin().impls[0].name), name);
  EXPECT_STREQ(plugin().impls[0].interface_id, KTSTR_GATE_INTERFACE);
  EXPECT_NE(sdk::view(plugin().impls[0].options_schema).find('"' + option + '"'), std::string_view::npos);
  EXPECT_EQ(table().min_samples, min_samples);
}

inline void expect_taken(const std::vector<const char*>& options) {
  for (const char* each : options) {
    const Instance instance(each);
    EXPECT_EQ(instance.status(), KTSTR_OK) << each << ": " << instance.message();
  }
}

/// Options, and the name that the refusal must give; and what is no JSON object at all.
inline void expect_refused(const std::vector<std::pair<const char*, const char*>>& wrong) {
  for (const auto& [options, name] : wrong) {
    const Instance instance(options);
    EXPECT_EQ(instance.status(), KTSTR_INVALID_ARGUMENT) << options;
    EXPECT_NE(instance.message().find('"' + std::string(name) + '"'), std::string::npos)
        << instance.message();
  }
  for (const char* options : {"", "[]", "0.05", "{", "{}{}", "\xff"})
    EXPECT_EQ(Instance(options).status(), KTSTR_INVALID_ARGUMENT) << options;
}

/// The outcomes of one call over all comparisons; also judges none of them, which must do nothing.
inline std::vector<std::uint32_t> outcomes(const Instance& gate,
                                           const std::vector<ktstr_comparison>& comparisons) {
  std::vector<ktstr_verdict> verdicts(comparisons.size(), blank());
  std::vector<const ktstr_comparison*> in;
  std::vector<ktstr_verdict*> out;
  for (const ktstr_comparison& comparison : comparisons) in.push_back(&comparison);
  for (ktstr_verdict& verdict : verdicts) out.push_back(&verdict);
  ktstr_error error{};
  error.size = sizeof error;
  EXPECT_EQ(table().evaluate(gate.self(), nullptr, nullptr, 0, &error), KTSTR_OK) << error.message;
  EXPECT_EQ(table().evaluate(gate.self(), in.data(), out.data(), in.size(), &error), KTSTR_OK)
      << error.message;
  std::vector<std::uint32_t> all;
  for (const ktstr_verdict& verdict : verdicts) all.push_back(verdict.outcome);
  return all;
}

/// Borrows both sides.
inline ktstr_comparison comparison_of(const std::vector<double>& baseline, const std::vector<double>& head) {
  const auto mean = [](const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  };
  ktstr_comparison comparison{};
  comparison.size = sizeof comparison;
  comparison.history = testing::no_history();
  comparison.baseline = testing::samples(baseline.data(), nullptr, nullptr, baseline.size());
  comparison.head = testing::samples(head.data(), nullptr, nullptr, head.size());
  comparison.baseline_estimate = mean(baseline);
  comparison.head_estimate = mean(head);
  return comparison;
}

}  // namespace ktstr::testing
