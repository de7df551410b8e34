// SPDX-License-Identifier: Apache-2.0
//
// pool-generate ROOT TEMPLATE RUNS SIDECARS BASELINE HEAD [EXTRA] makes RUNS run directories of SIDECARS
// files each, and one of EXTRA. Every sidecar has the template's keys, more cgroups, and numbers of its own,
// so that it is as long as a real one. Two of the runs are of the commits BASELINE and HEAD.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>
#include <random>

#include "support/json.hpp"

namespace {

namespace fs = std::filesystem;
namespace json = ktstr::json;

void vary(json::value& value, std::mt19937_64& random) {
  if (auto* object = value.if_object()) {
    for (auto& entry : *object) vary(entry.value(), random);
  } else if (auto* array = value.if_array()) {
    for (auto& element : *array) vary(element, random);
  } else if (auto* number = value.if_double()) {
    *number *= std::uniform_real_distribution<>(0.9, 1.1)(random);
  } else if (auto* whole = value.if_int64(); whole != nullptr && *whole > 20) {
    *whole += static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(*whole / 10 + 1));
  }
}

std::string hex(std::uint64_t number, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return std::string(text).substr(static_cast<std::size_t>(16 - digits));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 7)
    return std::fputs("usage: pool-generate ROOT TEMPLATE RUNS SIDECARS BASELINE HEAD [EXTRA]\n", stderr), 2;
  const fs::path root = argv[1];
  std::ifstream file(argv[2], std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto parsed = ktstr::parse_json(text, argv[2]);
  if (!parsed) return std::fprintf(stderr, "%s\n", parsed.error().message.c_str()), 3;
  const unsigned long runs = std::stoul(argv[3]), sidecars = std::stoul(argv[4]),
                      extra = argc > 7 ? std::stoul(argv[7]) : 0;
  std::mt19937_64 random(1);
  for (unsigned long r = 0; r < runs + (extra > 0 ? 1 : 0); ++r) {
    const std::string kernel = "6." + std::to_string(12 + r % 7) + "." + std::to_string(r % 5);
    const std::string commit = r == 0 ? argv[5] : r == 1 ? argv[6] : hex(random(), 7);
    const fs::path directory = root / ((r < 2 ? "6.18.0" : kernel) + "-" + commit);
    fs::create_directories(directory);
    for (unsigned long i = 0; i < (r < runs ? sidecars : extra); ++i) {
      json::value sidecar = *parsed;
      vary(sidecar, random);
      json::object& object = sidecar.get_object();
      const std::string test = "scenario_" + std::to_string(i);
      object["test_name"] = test;
      object["topology"] = "1n" + std::to_string(1 + i % 2) + "l" + std::to_string(2 + i % 3) + "c1t";
      object["kernel_version"] = r < 2 ? "6.18.0" : kernel;
      object["project_commit"] = commit;
      object["timestamp"] =
          ktstr::kit::utc_timestamp(1'780'000'000 + static_cast<std::int64_t>(r * 3600 + i));
      object["run_id"] = "20260705T101050Z-" + std::to_string(i);
      object["host"] = {{"cpu_model", "Example CPU"},
                        {"arch", "x86_64"},
                        {"online_cpus", 16},
                        {"numa_nodes", 1},
                        {"kernel_release", "6.12.9"}};
      json::array& cgroups = object["stats"].get_object()["cgroups"].get_array();
      for (std::size_t from = 0; cgroups.size() < 6;
           ++from) {  // each of a name of its own, as a reader wants them
        json::value copy = cgroups[from];
        copy.get_object()["name"] = "group" + std::to_string(cgroups.size());
        cgroups.push_back(std::move(copy));
      }
      std::ofstream(directory / (test + "-" + hex(random(), 16) + ".ktstr.json"), std::ios::binary)
          << ktstr::to_text(sidecar) << '\n';
    }
  }
  return 0;
}
