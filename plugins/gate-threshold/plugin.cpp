// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <ktstr/sdk.hpp>

#include "threshold.hpp"

namespace {

using ktstr::sdk::Error;

constexpr double kMaxPercent = 1e6;
constexpr std::string_view kOptionsSchema = R"({
  "type": "object", "additionalProperties": false,
  "properties": {
    "percent": {
      "type": "number", "minimum": 0, "maximum": 1000000,
      "description": "one relative gate for every metric, in percent; without it each metric has its own"
    }
  }
})";

ktstr::threshold::Options parse_options(std::string_view text) {
  namespace json = boost::json;
  boost::system::error_code failure;
  const json::value parsed = json::parse({text.data(), text.size()}, failure);
  if (failure || !parsed.is_object())
    throw Error(KTSTR_INVALID_ARGUMENT, "gate threshold: options must be a JSON object");
  ktstr::threshold::Options options;
  for (const json::key_value_pair& entry : parsed.get_object()) {
    if (entry.key() != "percent") {
      throw Error(KTSTR_INVALID_ARGUMENT,
                  "gate threshold: unknown option \"" + std::string(entry.key()) + "\"",
                  "known options: percent");
    }
    boost::system::error_code no_number;
    const double percent = entry.value().to_number<double>(no_number);
    if (no_number || !(percent >= 0 && percent <= kMaxPercent)) {
      throw Error(KTSTR_INVALID_ARGUMENT,
                  "gate threshold: option \"percent\" must be a number from 0 to 1000000", "25 means 25 %");
    }
    options.rel_gate = percent / 100;
  }
  return options;
}

class ThresholdGate : public ktstr::sdk::Gate {
 public:
  ThresholdGate(ktstr::sdk::Host, const ktstr::sdk::Creation& creation)
      : options_(parse_options(creation.options)) {}
  void evaluate(const ktstr_comparison* const* in, ktstr_verdict* const* out, std::uint64_t count) override {
    for (std::uint64_t i = 0; i < count; ++i) ktstr::threshold::judge(*in[i], options_, *out[i]);
  }

 private:
  ktstr::threshold::Options options_;
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.gate-threshold", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             (ktstr::sdk::gate_impl<ThresholdGate, 1, KTSTR_GATE_EACH_METRIC | KTSTR_GATE_SIZE_ALONE>(
                 "threshold", "a change that reaches both the absolute and the relative gate",
                 kOptionsSchema)))
