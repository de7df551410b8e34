// SPDX-License-Identifier: Apache-2.0
//
// Stops of a guest, with a thread that does to the pipes what QEMU does.
#include "monitor/sample_stops.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <ktstr/kit/scratch_directory.hpp>
#include <thread>

namespace ktstr::kvm {
namespace {

using std::chrono::milliseconds;

TEST(SampleStops, TheGuestStandsStillFromOneByteToTheOther) {
  const kit::ScratchDirectory scratch = make_scratch_directory(std::filesystem::temp_directory_path());
  constexpr int kStops = 200;
  std::atomic<int> passed{0};
  SampleStops stops(scratch.path());
  std::thread guest([&] {
    const kit::Fd signal(::open((scratch.path() / "stopped").c_str(), O_WRONLY | O_APPEND));
    const kit::Fd gates[] = {kit::Fd(::open((scratch.path() / "gate0").c_str(), O_WRONLY | O_APPEND)),
                             kit::Fd(::open((scratch.path() / "gate1").c_str(), O_WRONLY | O_APPEND))};
    for (int i = 0; i < kStops; ++i) {
      ASSERT_EQ(::write(signal.get(), "", 1), 1);
      ASSERT_EQ(::write(gates[i % 2].get(), "", 1), 1);
      ++passed;
    }
  });
  EXPECT_FALSE(passed > 0);
  for (int i = 0; i < kStops; ++i) {
    ASSERT_TRUE(stops.wait(milliseconds(10'000)));
    if (i < 5) std::this_thread::sleep_for(milliseconds(5));
    EXPECT_EQ(passed, i) << "it went on before it was allowed to";
    stops.go_on();
  }
  guest.join();
  EXPECT_FALSE(stops.wait(milliseconds(1)));
  EXPECT_EQ(passed, kStops);
}

TEST(SampleStops, ASavedGuestHasTheSameDevicesThatLeadNowhere) {
  const std::filesystem::path place = "/scratch";
  const std::vector<std::string> saved = SampleStops::devices(nullptr),
                                 running = SampleStops::devices(&place);
  ASSERT_EQ(saved.size(), running.size());
  for (std::size_t i = 3; i < saved.size(); i += 4) EXPECT_EQ(saved[i], running[i]);
  EXPECT_EQ(saved[1], "null,id=stop0");
  EXPECT_EQ(running[1], "file,id=stop0,path=/scratch/stopped,append=on,logfile=/scratch/gate0,logappend=on");
  EXPECT_EQ(running[7], "isa-debugcon,iobase=234,chardev=stop1");
}

}  // namespace
}  // namespace ktstr::kvm
