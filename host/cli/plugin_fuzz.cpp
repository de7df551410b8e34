// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_fuzz.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "show/document.hpp"

namespace ktstr {
namespace {

json::object as_json(const CheckSubject& subject, const FuzzWish& wish,
                     const std::vector<FuzzResult>& results, std::string_view state) {
  json::array subjects;
  for (const FuzzResult& one : results) {
    json::array findings;
    for (const FuzzFinding& finding : one.findings)
      findings.push_back(json::object{{"case", finding.number}, {"message", finding.text}});
    subjects.push_back(json::object{{"subject", one.subject},
                                    {"cases", one.cases},
                                    {"skipped", one.skipped},
                                    {"findings", std::move(findings)}});
  }
  return document("plugin-fuzz", {{"plugin", subject.manifest.id},
                                  {"version", subject.manifest.version},
                                  {"library", subject.manifest.library_path().string()},
                                  {"state", state},
                                  {"seed", wish.seed},
                                  {"subjects", std::move(subjects)}});
}

std::string as_text(const CheckSubject& subject, const FuzzWish& wish, const std::vector<FuzzResult>& results,
                    const std::string& file) {
  const std::string seed = "seed " + std::to_string(wish.seed);
  std::string out, counts;
  for (const FuzzResult& one : results) {
    const std::string name = one.subject.substr(one.subject.find(' ') + 1);
    for (const FuzzFinding& finding : one.findings) {
      const std::string number = std::to_string(finding.number);
      out += "FAIL  " + one.subject + ", " + seed + ", case " + number + ": " + finding.text + "\n";
      out += "      again: ktstr plugin check " + shell_word(printable(file)) + " --name " +
             shell_word(name) + " --seed " + std::to_string(wish.seed) + " --fuzz-case " + number + "\n";
    }
    if (!one.skipped.empty()) out += "SKIP  " + one.subject + ": " + one.skipped + "\n";
    counts += ", " + one.subject + " " + std::to_string(one.cases) + " cases";
    if (!one.findings.empty()) counts += " with " + std::to_string(one.findings.size()) + " findings";
  }
  return out + "plugin " + printable(subject.manifest.id) + " " + printable(subject.manifest.version) + ": " +
         seed + counts + "\n";
}

}  // namespace

Result<ExitCode> fuzz_and_print(const CheckSubject& subject, const FuzzWish& wish, const std::string& file,
                                bool json) {
  const auto results = fuzz_plugin(subject, wish, Session::cancelled());
  if (!results) return results.error();
  const bool failed = std::any_of(results->begin(), results->end(),
                                  [](const FuzzResult& one) { return !one.findings.empty(); });
  const bool skipped = results->empty() || std::any_of(results->begin(), results->end(),
                                                       [](const auto& one) { return !one.skipped.empty(); });
  const std::string_view state = failed ? "failed" : skipped ? "skipped" : "passed";
  const ExitCode printed = print_out(json ? to_text(as_json(subject, wish, *results, state)) + "\n"
                                          : as_text(subject, wish, *results, file));
  return worse(printed, failed ? ExitCode::kFailed : skipped ? ExitCode::kInconclusive : ExitCode::kFine);
}

}  // namespace ktstr
