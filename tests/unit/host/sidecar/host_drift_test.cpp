// SPDX-License-Identifier: Apache-2.0
#include "sidecar/host_drift.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

HostReadings readings(std::optional<double> load, std::optional<double> mhz = {},
                      std::optional<double> temperature = {}) {
  return {load, mhz, temperature, 4};
}

std::vector<std::string> drift(const std::vector<HostReadings>& baseline,
                               const std::vector<HostReadings>& head) {
  const auto pointers = [](const std::vector<HostReadings>& side) {
    std::vector<const HostReadings*> all;
    for (const HostReadings& one : side) all.push_back(&one);
    return all;
  };
  return host_drift(pointers(baseline), pointers(head));
}

TEST(HostDrift, IsReadFromBothSamples) {
  const auto read = [](const char* text) { return host_readings_of(json::parse(text).as_object()); };
  const HostReadings whole = read(
      R"({"host_before": {"load_1m": 0.5, "cpu_mhz": 800}, "host": {"load_1m": 3, "cpu_mhz": 3400.5, "temperature_c": 61, "online_cpus": 8}})");
  EXPECT_EQ(whole.load, 0.5);
  EXPECT_EQ(whole.mhz, 3400.5);
  EXPECT_EQ(whole.temperature, 61);
  EXPECT_EQ(whole.cpus, 8);
  for (const char* text :
       {"{}", R"({"host": null, "host_before": null})", R"({"host": [], "host_before": {"load_1m": "busy"}})",
        R"({"host_before": {"load_1m": -1}})"}) {
    EXPECT_FALSE(read(text).load || read(text).mhz) << text;
  }
}

TEST(HostDrift, TellsWhatChangedAndOnWhichSide) {
  EXPECT_THAT(
      drift({readings(0.2)}, {readings(6.25)}),
      ElementsAre(
          "the host was busier while HEAD ran: load 0.2 -> 6.2; a difference may be its, not the commit's"));
  EXPECT_THAT(drift({readings(6)}, {readings(0)}),
              ElementsAre("the host was busier while the baseline ran: load 6.0 -> 0.0; a difference may be "
                          "its, not the commit's"));
  EXPECT_THAT(drift({readings({}, 3500)}, {readings({}, 2100)}),
              ElementsAre("the host was slower while HEAD ran: clock 3500 MHz -> 2100 MHz; a difference may "
                          "be its, not the commit's"));
  EXPECT_THAT(drift({readings({}, 2100)}, {readings({}, 3500)}),
              ElementsAre("the host was slower while the baseline ran: clock 2100 MHz -> 3500 MHz; a "
                          "difference may be its, not the commit's"));
  EXPECT_THAT(drift({readings({}, {}, 45)}, {readings({}, {}, 88)}),
              ElementsAre("the host was hotter while HEAD ran: temperature 45 C -> 88 C; a difference may be "
                          "its, not the commit's"));
}

TEST(HostDrift, SaysNothingOfWhatIsNear) {
  EXPECT_THAT(drift({readings(1, 3000, 50)}, {readings(3, 2750, 60)}), IsEmpty());
  EXPECT_THAT(drift({readings(0.2)}, {readings({})}), IsEmpty()) << "one side does not know";
  EXPECT_THAT(drift({}, {}), IsEmpty());
  EXPECT_THAT(drift({readings(0), readings(0.1), readings(9)}, {readings(0.2), readings(0.1), readings(0)}),
              IsEmpty())
      << "one run is not the side";
}

}  // namespace
}  // namespace ktstr
