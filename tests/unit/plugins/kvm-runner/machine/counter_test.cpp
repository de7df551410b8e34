// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "machine/counter_symbols.hpp"
#include "machine/machine.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::HasSubstr;

MonitorMap map_with_programs() {
  MonitorMap map;
  map.fields.fill(kNoField);
  std::uint32_t offset = 0;
  for (const char* member : {"lnode", "start", "end", "name"})
    map.fields[monitor_field("bpf_ksym", member)] = offset += 16;
  return map;
}

TEST(CounterSymbols, SayWhatAFunctionIsToTheOneBefore) {
  const std::vector<KernelFunction> functions = {
      {0x1000, "entry_SYSCALL_64"},   {0x1040, "entry_SYSCALL_64_after_hwframe"},
      {0x1100, "asm_exc_page_fault"}, {0x1200, "common_interrupt_return"},
      {0x1300, "__switch_to_asm"},    {0x1400, "__schedule"},
      {0x1500, "__schedule.cold"}};
  EXPECT_EQ(symbols_text(functions, 0xabc, map_with_programs()),
            "bpf abc 10 20 30 40\n"
            "e 1000 entry_SYSCALL_64\np 1040 entry_SYSCALL_64\ne 1100 asm_exc_page_fault\n"
            "r 1200 common_interrupt_return\ns 1300 __switch_to_asm\nf 1400 __schedule\np 1500 __schedule\n");
}

TEST(CounterSymbols, AKernelWithoutAListOfProgramsHasNone) {
  MonitorMap map = map_with_programs();
  EXPECT_EQ(symbols_text({{0x1000, "a"}}, 0, map), "f 1000 a\n");
  map.fields[monitor_field("bpf_ksym", "end")] = kNoField;
  EXPECT_EQ(symbols_text({{0x1000, "a"}}, 0xabc, map), "f 1000 a\n");
}

TEST(CounterSymbols, NamesThatAreNoWordsAreLeftOut) {
  EXPECT_EQ(symbols_text({{1, "a\nf 2 b"}, {2, "c d"}, {3, ""}, {4, ".cold"}, {5, "e"}}, 0, {}), "f 5 e\n");
}

class CanCount : public ::testing::Test {
 protected:
  CanCount() {
    directory = std::filesystem::temp_directory_path() / ("ktstr-can-count-" + std::to_string(::getpid()));
    std::filesystem::create_directories(directory);
    environment.cache_dir = directory / "cache";
    environment.counter = directory / "counter";
    std::ofstream(environment.counter) << "counter";
  }
  ~CanCount() override { std::filesystem::remove_all(directory); }
  /// Another QEMU, that says so of itself.
  void qemu(const std::string& version, const std::string& help) {
    const std::filesystem::path program = directory / "qemu";
    std::ofstream(program) << "#!/bin/sh\ncase $1 in --version) echo 'QEMU emulator version " << version
                           << "';; --help) printf '%b' '" << help << "';; esac\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    environment.qemu = program.string();
  }
  bool can() { return can_count(environment, cancel, error); }

  std::filesystem::path directory;
  MachineEnvironment environment;
  std::atomic<bool> cancel{false};
  MachineError error;
};

TEST_F(CanCount, WithAQemuThatLoadsPlugins) {
  qemu("10.0.2", "-S x\\n-plugin [file=]<file>\\n");
  EXPECT_TRUE(can()) << error.message;
}

TEST_F(CanCount, NotWithOneThatWasBuiltWithoutThem) {
  qemu("10.0.2", "-S x\\n");
  EXPECT_FALSE(can());
  EXPECT_THAT(error.message, HasSubstr("was built without plugins"));
  EXPECT_THAT(error.hint, HasSubstr("tools/setup"));
}

TEST_F(CanCount, NotWithAnOldOne) {
  qemu("7.2.0", "-S x\\n-plugin [file=]<file>\\n");
  EXPECT_FALSE(can());
  EXPECT_THAT(error.message, HasSubstr("QEMU 7.2.0"));
}

TEST_F(CanCount, NotWithoutTheCounter) {
  qemu("10.0.2", "-S x\\n-plugin [file=]<file>\\n");
  environment.counter = directory / "nowhere";
  EXPECT_FALSE(can());
  EXPECT_THAT(error.message, HasSubstr("nowhere, is missing"));
}

}  // namespace
}  // namespace ktstr::kvm
