// SPDX-License-Identifier: Apache-2.0
//
// The targets on labelled measurements: KTSTR_FAMILIES names the file, otherwise
// ../shared/data/families.jsonl.gz beside the source tree is taken when it is there.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "delta/gate_score.hpp"
#include "plugin/catalogue.hpp"

namespace ktstr {
namespace {

std::filesystem::path families_file() {
  const char* named = std::getenv("KTSTR_FAMILIES");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(KTSTR_SOURCE_DIR) / "../shared/data/families.jsonl.gz";
}

TEST(Families, TargetsAreMet) {
  if (!std::filesystem::exists(families_file()))
    GTEST_SKIP() << "no labelled measurements at " << families_file();
  PluginSearch search;
  search.places.push_back({KTSTR_PLUGINS, "built", true});
  const std::atomic<bool> cancelled{false};
  PluginCatalogue plugins(
      search, [](int, const std::string&) {}, cancelled);
  const Environment environment;
  const Config config;
  const KernelCatalogue kernels(config.cache_dir);
  const AppContext context{
      environment, config, plugins, kernels, cancelled, [](auto) {}, [](const auto&) {}, [](const auto&) {}};
  const struct {
    std::size_t runs;
    double go_recall, vm_recall;
  } targets[] = {{3, 0.86, 0.75}, {5, 0.89, 0.75}, {10, 0.92, 0.85}};
  for (const auto& target : targets) {
    Share same_session, next_day;
    for (const auto& [source, rel, recall] :
         {std::tuple{"go-bent", 5.0, target.go_recall}, std::tuple{"sched-vm", 10.0, target.vm_recall}}) {
      GateScoreRequest request;
      request.file = families_file();
      request.teams = {*parse_gate_team("fdr")};
      request.runs = target.runs;
      request.rel_percent = rel;
      const auto scores = score_gates(context, request);
      ASSERT_TRUE(scores) << scores.error().message;
      Share found;
      for (const auto& [key, score] : scores->teams[0].sources) {
        if (key.first != source) continue;
        Share& red = measuring_order(key.second).cached ? next_day : same_session;
        red.k += score.false_red.k;
        red.n += score.false_red.n;
        found.k += score.recall.k;
        found.n += score.recall.n;
      }
      EXPECT_GE(found.value(), recall) << source << " N = " << target.runs;
    }
    EXPECT_LE(same_session.value(), 1.0 / 20) << "N = " << target.runs;
    EXPECT_LE(next_day.value(), 1.0 / 10) << "N = " << target.runs;
  }
}

}  // namespace
}  // namespace ktstr
