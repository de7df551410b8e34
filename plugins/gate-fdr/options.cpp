// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <ktstr/sdk.hpp>
#include <string>

namespace ktstr::fdr {
namespace {

namespace json = boost::json;
using sdk::Error;

[[noreturn]] void refuse(std::string_view option, std::string_view wanted) {
  throw Error(KTSTR_INVALID_ARGUMENT,
              "gate fdr: option \"" + std::string(option) + "\" must be " + std::string(wanted));
}

/// Tails beyond are those of the model, not of any machine.
constexpr double kLeastQ = 1e-6;

double number(const json::key_value_pair& entry, double low, double high, std::string_view wanted) {
  boost::system::error_code no_number;
  const double value = entry.value().to_number<double>(no_number);
  if (no_number || !(value >= low && value <= high)) refuse(entry.key(), wanted);
  return value;
}

bool flag(const json::key_value_pair& entry) {
  if (!entry.value().is_bool()) refuse(entry.key(), "true or false");
  return entry.value().get_bool();
}

}  // namespace

const std::string_view kOptionsSchema = R"({
  "type": "object", "additionalProperties": false,
  "properties": {
    "q": {
      "type": "number", "minimum": 1e-6, "exclusiveMaximum": 0.5, "default": 0.05,
      "description": "false discovery rate over all comparisons of a call"
    },
    "prior_df": {
      "type": "number", "minimum": 0, "maximum": 1000, "default": 12,
      "description": "most degrees of freedom that history, or the other metrics, may weigh; 0: each metric by itself"
    },
    "margin": {
      "type": "number", "minimum": 0, "maximum": 1, "default": 0,
      "description": "part of the relative gate that the change must be shown to exceed"
    },
    "session_spread": {
      "type": "number", "minimum": 0, "maximum": 1000, "default": 1,
      "description": "for sides of different sessions: variance between sessions over the variance between runs"
    },
    "strict": {
      "type": "boolean", "default": false,
      "description": "Holm's adjustment: at most one invocation in 1/q has any false finding"
    },
    "extremes": {
      "type": "boolean", "default": false,
      "description": "let maxima gate too"
    }
  }
})";

Options parse_options(std::string_view text) {
  boost::system::error_code failure;
  const json::value parsed = json::parse({text.data(), text.size()}, failure);
  if (failure || !parsed.is_object())
    throw Error(KTSTR_INVALID_ARGUMENT, "gate fdr: options must be a JSON object");
  Options options;
  for (const json::key_value_pair& entry : parsed.get_object()) {
    if (entry.key() == "q") {
      options.q = number(entry, kLeastQ, std::nextafter(0.5, 0), "a number from 1e-6 to below 0.5");
    } else if (entry.key() == "prior_df") {
      options.prior_df = number(entry, 0, 1000, "a number from 0 to 1000");
    } else if (entry.key() == "margin") {
      options.margin = number(entry, 0, 1, "a number from 0 to 1");
    } else if (entry.key() == "session_spread") {
      options.session_spread = number(entry, 0, 1000, "a number from 0 to 1000");
    } else if (entry.key() == "strict") {
      options.strict = flag(entry);
    } else if (entry.key() == "extremes") {
      options.extremes = flag(entry);
    } else {
      throw Error(KTSTR_INVALID_ARGUMENT, "gate fdr: unknown option \"" + std::string(entry.key()) + "\"",
                  "known options: q, prior_df, margin, session_spread, strict, extremes");
    }
  }
  return options;
}

}  // namespace ktstr::fdr
