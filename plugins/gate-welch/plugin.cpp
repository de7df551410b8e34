// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <ktstr/sdk.hpp>

#include "judge.hpp"

namespace {

using ktstr::sdk::Error;

constexpr std::string_view kOptionsSchema = R"({
  "type": "object", "additionalProperties": false,
  "properties": {
    "alpha": {
      "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": 0.05,
      "description": "level of the two-sided test"
    }
  }
})";

double parse_alpha(std::string_view text) {
  namespace json = boost::json;
  boost::system::error_code failure;
  const json::value parsed = json::parse({text.data(), text.size()}, failure);
  if (failure || !parsed.is_object())
    throw Error(KTSTR_INVALID_ARGUMENT, "gate welch: options must be a JSON object");
  double alpha = 0.05;
  for (const json::key_value_pair& entry : parsed.get_object()) {
    if (entry.key() != "alpha") {
      throw Error(KTSTR_INVALID_ARGUMENT, "gate welch: unknown option \"" + std::string(entry.key()) + "\"",
                  "known options: alpha");
    }
    boost::system::error_code no_number;
    alpha = entry.value().to_number<double>(no_number);
    if (no_number || !(alpha > 0 && alpha < 1)) {
      throw Error(KTSTR_INVALID_ARGUMENT, "gate welch: option \"alpha\" must be a number between 0 and 1",
                  "0.05 is the usual level");
    }
  }
  return alpha;
}

class WelchGate : public ktstr::sdk::Gate {
 public:
  WelchGate(ktstr::sdk::Host, const ktstr::sdk::Creation& creation) : alpha_(parse_alpha(creation.options)) {}
  void evaluate(const ktstr_comparison* const* in, ktstr_verdict* const* out, std::uint64_t count) override {
    for (std::uint64_t i = 0; i < count; ++i) ktstr::welch::judge(*in[i], alpha_, *out[i]);
  }

 private:
  double alpha_;
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.gate-welch", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             (ktstr::sdk::gate_impl<WelchGate, 2>("welch",
                                                  "two sides that Welch's t test or disjoint bands separate",
                                                  kOptionsSchema)))
