// SPDX-License-Identifier: Apache-2.0
#include "explore/search_state.hpp"

#include <ktstr/kit/text.hpp>
#include <utility>

#include "support/files.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kMostStateBytes = 64ULL << 20;
constexpr const char* kFile = "state.json";

constexpr std::pair<const char*, std::uint64_t ScenarioCounts::*> kCounts[] = {
    {"passed", &ScenarioCounts::passed},       {"failed", &ScenarioCounts::failed},
    {"skipped", &ScenarioCounts::skipped},     {"inconclusive", &ScenarioCounts::inconclusive},
    {"errors", &ScenarioCounts::errors},       {"refused", &ScenarioCounts::refused},
    {"as_before", &ScenarioCounts::as_before}, {"suspects", &ScenarioCounts::suspects}};

}  // namespace

json::object counts_json(const ScenarioCounts& counts) {
  json::object object;
  for (const auto& [name, count] : kCounts) object[name] = counts.*count;
  return object;
}

std::string state_text(const SearchState& state) {
  json::array findings;
  for (const Discovery& finding : state.findings) findings.push_back(finding_json(finding));
  return to_text(json::object{{"schema_version", 1},
                              {"document", "explore_state"},
                              {"seeds", state.seeds.to_json()},
                              {"counts", counts_json(state.counts)},
                              {"reasons", json::array(state.reasons.begin(), state.reasons.end())},
                              {"findings", std::move(findings)},
                              {"corpus", state.corpus.to_json()}}) +
         "\n";
}

SearchState read_state(const Located& document) {
  const OpenObject object(document, true);
  if (object.get("schema_version").integer(1, 1000) != 1)
    refuse(object.get("schema_version").place, "it is of a later ktstr");
  SearchState state;
  state.seeds = SeedSet::from(object.get("seeds"));
  const OpenObject counts(object.get("counts"));
  for (const auto& [name, count] : kCounts) state.counts.*count = counts.get(name).integer(0, kMostSeed);
  state.reasons = object.get("reasons").texts();
  for (const Located& item : object.get("findings").items()) state.findings.push_back(read_finding(item));
  if (const Located* corpus = object.find("corpus")) state.corpus = Corpus::from(*corpus);
  return state;
}

Result<SearchState> load_state(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / kFile;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return SearchState{};
  const auto text = read_file(file, kMostStateBytes);
  if (!text) return text.error();
  auto state = read_document(*text, printable(file.string()), {}, ExitCode::kPlugin, read_state);
  if (!state) return Error{state.error().code, state.error().message, "begin anew with --fresh"};
  return state;
}

Status save_state(const std::filesystem::path& directory, const SearchState& state) {
  return write_file_atomically(directory / kFile, state_text(state));
}

}  // namespace ktstr
