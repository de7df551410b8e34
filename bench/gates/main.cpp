// SPDX-License-Identifier: Apache-2.0
//
// bench-gates [REPEATS [COMPARISONS]]: simulations with fixed seeds, as markdown for docs/statistics.md. The
// plugins are those built beside it.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "measure.hpp"
#include "plugin/catalogue.hpp"

namespace {

using ktstr::bench::Team;

Team make_team(ktstr::PluginProvider& plugins, const std::string& name, unsigned every,
               const std::vector<std::string>& gates) {
  Team team{name, every, {}};
  for (const std::string& gate : gates) {
    auto made = plugins.make_gate(gate, "{}");
    if (!made) {
      std::fprintf(stderr, "bench-gates: %s\n", made.error().message.c_str());
      std::exit(1);
    }
    team.gates.push_back(std::move(*made));
  }
  return team;
}

unsigned long number(int argc, char** argv, int index, unsigned long otherwise) {
  return argc > index ? std::strtoul(argv[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const auto repeats = static_cast<unsigned>(number(argc, argv, 1, 4000));
  const std::size_t comparisons = number(argc, argv, 2, 1000000);
  const auto prefix = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  ktstr::PluginSearch search;
  search.places.push_back({prefix / "lib/ktstr/plugins/v1", "built", true});
  const std::atomic<bool> cancelled{false};
  ktstr::PluginCatalogue plugins(
      search, [](int, const std::string&) {}, cancelled);
  const Team fdr = make_team(plugins, "fdr", 1, {"fdr"}),
             usual = make_team(plugins, "welch + threshold", 10, {"welch", "threshold"});
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::printf("Repeats per cell: %u, for welch + threshold %u\n", repeats, repeats / usual.every);
  ktstr::bench::drift_table({&usual, &fdr}, repeats);
  ktstr::bench::many_metrics_table({&usual, &fdr}, repeats);
  ktstr::bench::speed_table({&usual, &fdr}, comparisons);
}
