// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/golden.hpp"
#include "show/host.hpp"

namespace ktstr {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::matches_golden;
using ::testing::Not;
using ::testing::SizeIs;

json::object host() {
  return parse_json(
             R"({"sched_tunables": {"sched_b": "2", "sched_a": "1"}, "arch": "x86_64", "cpu_model": "C\u001b[1m", "hugepages_total": 0,
    "hugepages_free": 3, "kernel_release": "6.12.9", "thp_enabled": "always [madvise] never", "online_cpus": 16, "heap_state": {"narenas": 4},
    "cpufreq_governor": {"cpu10": "powersave", "cpu2": "performance"}, "boot_id": "x", "load_1m": 0.25})",
             "host")
      ->get_object();
}

TEST(HostDelta, ReadingsDoNotMakeAnotherMachine) {
  json::object later = host();
  later["hugepages_free"] = 0;
  later["heap_state"] = {{"narenas", 99}};
  later["boot_id"] = "y";
  later["load_1m"] = 17.5;
  later["cpu_mhz"] = 1200;
  EXPECT_TRUE(host_delta(host_identity(host()), host_identity(later)).empty());
  EXPECT_EQ(host_delta_text("a", host_identity(host()), "b", host_identity(later)),
            "host: identical between 'a' and 'b' (arch: x86_64)\n");
}

TEST(HostDelta, NamesWhatDiffersInTheOrderOfTheKeys) {
  json::object other = host();
  other["arch"] = "aarch64";
  other["kernel_release"] = "6.18";
  other["sched_tunables"] = {{"sched_a", "1"}, {"sched_b", "3"}, {"sched_c", "4"}};
  other["cpufreq_governor"] = {{"cpu10", "performance"}, {"cpu2", "powersave"}};
  other.erase("thp_enabled");
  EXPECT_TRUE(matches_golden("host/host_delta.txt", host_delta_text("6.14-abc1234", host_identity(host()),
                                                                    "6.14-def5678", host_identity(other))));
}

TEST(HostDelta, AMissingMapIsCountedOnce) {
  json::object other = host();
  other.erase("sched_tunables");
  const auto delta = host_delta(host_identity(host()), host_identity(other));
  ASSERT_THAT(delta, SizeIs(1));
  EXPECT_EQ(delta[0].key + ": " + delta[0].before + " -> " + delta[0].after,
            "sched_tunables: (2 entries) -> (absent)");
}

TEST(HostDelta, NeedsBothSides) {
  EXPECT_EQ(host_delta_text("a", {}, "b", {}), "");
  EXPECT_EQ(host_delta_text("a", {}, "b", host_identity(host())),
            "host: captured in 'b' only, delta unavailable\n");
  EXPECT_EQ(host_delta_text("a", host_identity(host()), "b", {}),
            "host: captured in 'a' only, delta unavailable\n");
}

TEST(HostDelta, SeveralHostsAreOne) {
  const HostIdentity a{{"arch", "x86_64"}, {"cpu_model", "A"}}, b{{"arch", "x86_64"}, {"cpu_model", "B"}};
  EXPECT_EQ(merged_identity({&a, &b, &a}), (HostIdentity{{"arch", "x86_64"}, {"cpu_model", "A | B"}}));
}

TEST(HostText, ShowsEveryKey) {
  EXPECT_TRUE(matches_golden("host/host_text.txt", host_text(host())));
  EXPECT_THAT(host_text({}), AllOf(HasSubstr("arch: (unknown)\n"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(host_text({{"sched_tunables", json::object()}}), HasSubstr("sched_tunables: (empty)\n"));
}

}  // namespace
}  // namespace ktstr
