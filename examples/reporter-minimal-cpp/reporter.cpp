// SPDX-License-Identifier: Apache-2.0
//
// A whole reporter: one line of tab-separated values for each row, for a spreadsheet or awk.
#include <cstdio>
#include <ktstr/sdk.hpp>
#include <string>

namespace {

namespace sdk = ktstr::sdk;

/// Text of others, without what would end a field or drive a terminal. It may hold any byte, also such that
/// are no UTF-8: here all but ASCII is escaped.
std::string field(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const unsigned byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      out += "\\\\";
    } else if (byte < 0x20 || byte > 0x7E) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
      out += escaped;
    } else {
      out += c;
    }
  }
  return out;
}

/// Empty when there is no number.
std::string number(double value) {
  if (value != value) return {};
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

std::string_view test_outcome(std::uint32_t outcome) {
  constexpr std::string_view kNames[] = {"passed", "failed", "skipped", "inconclusive", "error"};
  return outcome <= KTSTR_TEST_ERROR ? kNames[outcome] : "error";
}

std::string_view judged_as(std::uint32_t outcome) {
  constexpr std::string_view kNames[] = {"unchanged", "improved", "regressed", "equivalent", "inconclusive"};
  return outcome <= KTSTR_INCONCLUSIVE ? kNames[outcome] : "inconclusive";
}

class TsvReporter : public sdk::Reporter {
 public:
  TsvReporter(sdk::Host, const sdk::Creation&) {}

  void begin(const sdk::Writer& out, const ktstr_report_begin& begin) override {
    out.write(begin.document == KTSTR_DOCUMENT_TEST_RUN
                  ? "test\toutcome\tseconds\tmessage\n"
                  : "outcome\tcounts\ttest\tmetric\tunit\tbaseline\thead\trelative\tgates\n");
  }

  void row(const sdk::Writer& out, const ktstr_report_row& row) override {
    out.write(row.test != nullptr ? of_test(row) : of_comparison(row));
  }

  void end(const sdk::Writer& out, const ktstr_report_end& end) override {
    constexpr std::string_view kStatus[] = {"complete", "failed", "cancelled"};
    out.write("# " + std::string(kStatus[end.status <= KTSTR_REPORT_CANCELLED ? end.status : 1]) +
              ", exit code " + std::to_string(end.exit_code) + "\n");
  }

 private:
  static std::string of_test(const ktstr_report_row& row) {
    return field(sdk::view(row.test->name)) + '\t' + std::string(test_outcome(row.outcome)) + '\t' +
           number(static_cast<double>(row.duration_ns) / 1e9) + '\t' + field(sdk::view(row.message)) + '\n';
  }
  static std::string of_comparison(const ktstr_report_row& row) {
    const ktstr_comparison& c = *row.comparison;
    std::string gates;
    for (std::uint64_t i = 0; i < row.opinion_count; ++i) {
      const ktstr_gate_opinion& opinion = *row.opinions[i];
      gates += (gates.empty() ? "" : ", ") + field(sdk::view(opinion.gate)) + ": " +
               std::string(judged_as(opinion.verdict->outcome));
    }
    const std::string_view counts = (row.flags & KTSTR_ROW_COUNTS) != 0 ? "yes" : "no";
    return std::string(judged_as(row.outcome)) + '\t' + std::string(counts) + '\t' +
           field(sdk::view(c.scenario->test)) + '\t' + field(sdk::view(c.metric)) + '\t' +
           field(sdk::view(c.unit)) + '\t' + number(c.baseline_estimate) + '\t' + number(c.head_estimate) +
           '\t' + number(row.verdict->effect_rel) + '\t' + gates + '\n';
  }
};

}  // namespace

KTSTR_PLUGIN("com.example.reporter-tsv", KTSTR_PLUGIN_VERSION, "Example Inc", "Apache-2.0",
             (sdk::reporter_impl<TsvReporter, KTSTR_DOCUMENT_TEST_RUN | KTSTR_DOCUMENT_PERF_DELTA>(
                 "tsv", "tab-separated values, one line a row")))
