// SPDX-License-Identifier: Apache-2.0
#include "machine/qemu_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "machine/template_cache.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;
constexpr std::uint64_t kMebibyte = 1ULL << 20;

/// What follows an option; empty when it is not there.
std::string after(const Words& command, const std::string& option) {
  const auto found = std::find(command.begin(), command.end(), option);
  return found == command.end() || std::next(found) == command.end() ? std::string() : *std::next(found);
}

MachineRequest request_for(const Topology& topology, std::uint32_t memory_mib = 512) {
  MachineRequest request;
  request.topology = topology;
  request.memory_mib = memory_mib;
  return request;
}

Words command_of(const MachineRequest& request, BootKind kind) {
  const GuestMemory memory(node_memory(request));
  return qemu_command("qemu", request, MachineFiles("/s"), memory, kind, "/k/vmlinux");
}

TEST(MachineArguments, UnderKvmAGuestWithCpusOfItsOwnKeepsThem) {
  MachineRequest request = request_for({1, 1, 2, 1});
  request.accelerator = Accelerator::kKvm;
  EXPECT_EQ(after(machine_arguments(request), "-cpu"), "host");
  EXPECT_THAT(machine_arguments(request), Not(Contains("-overcommit")));
  request.host = {{2, 3}, true, false, {}};
  EXPECT_EQ(after(machine_arguments(request), "-cpu"), "host,kvm-hint-dedicated=on");
  EXPECT_EQ(after(machine_arguments(request), "-overcommit"), "cpu-pm=on");
  request.accelerator = Accelerator::kTcg;
  EXPECT_THAT(machine_arguments(request), Not(Contains("-overcommit")));
}

TEST(NodeMemory, TheMailboxComesOnTopOfTheFirstNodesShare) {
  EXPECT_THAT(node_memory(request_for({1, 1, 2, 1})), ElementsAre(512 * kMebibyte + kMailboxBytes));
  EXPECT_THAT(node_memory(request_for({2, 2, 1, 1})),
              ElementsAre(256 * kMebibyte + kMailboxBytes, 256 * kMebibyte));
  EXPECT_THAT(node_memory(request_for({4, 4, 1, 1}, 128)),
              ElementsAre(64 * kMebibyte + kMailboxBytes, 64 * kMebibyte, 64 * kMebibyte, 64 * kMebibyte))
      << "64 MiB at least";
}

TEST(MailboxPlace, IsTheEndOfTheFirstNodeButBelowTheDevices) {
  for (const std::uint32_t memory : {256U, 512U, 1500U, 2048U, 8192U}) {
    const MachineRequest request = request_for({1, 1, 2, 1}, memory);
    const MailboxPlace place = mailbox_place(request);
    EXPECT_EQ(place.size, kMailboxBytes);
    EXPECT_LE(place.address + place.size, kMailboxCeiling);
    EXPECT_LE(place.address + place.size, node_memory(request).front());
    EXPECT_EQ(place.address % kMebibyte, 0U);
  }
}

TEST(KernelCommandLine, ReservesTheMailboxAndEndsWithTheTestsOwn) {
  MachineRequest request = request_for({1, 1, 2, 1});
  request.kernel_arguments = {"quiet2", "isolcpus=1"};
  const std::string line = kernel_command_line(request);
  EXPECT_THAT(line, HasSubstr(" memmap=0xc000000$0x20000000 "));
  EXPECT_THAT(line, HasSubstr("oops=panic"));
  EXPECT_TRUE(line.ends_with(" nokaslr quiet2 isolcpus=1")) << line;
  request.kernel_arguments = {"isolcpus=1", "kaslr"};
  EXPECT_TRUE(kernel_command_line(request).ends_with(" isolcpus=1 kaslr"));
  EXPECT_THAT(kernel_command_line(request), Not(HasSubstr("nokaslr")));
}

TEST(QemuCommand, TheTopologyIsSocketsDiesCoresAndThreads) {
  EXPECT_EQ(after(machine_arguments(request_for({2, 4, 3, 2})), "-smp"),
            "cpus=24,sockets=2,dies=2,cores=3,threads=2");
  const Words two = machine_arguments(request_for({2, 2, 2, 1}));
  EXPECT_THAT(two, Contains("node,nodeid=0,cpus=0-1,memdev=ram0"));
  EXPECT_THAT(two, Contains("node,nodeid=1,cpus=2-3,memdev=ram1"));
  EXPECT_THAT(machine_arguments(request_for({1, 2, 2, 1})), Not(Contains("-numa")));
}

/// 2 + 1 LLCs, and a node of memory; cores 2, 1 and 1, of which the first two have two threads.
Topology uneven_topology() {
  Topology topology{3, 3, 2, 2};
  topology.llcs_of_node = {2, 1, 0};
  topology.cores_of_llc = {2, 1, 1};
  topology.threads_of_llc = {2, 1, 1};
  return topology;
}

TEST(QemuCommand, AnUnevenTopologyIsABoxWithEmptyPlaces) {
  MachineRequest request = request_for(uneven_topology());
  const Words command = machine_arguments(request);
  EXPECT_EQ(after(command, "-smp"), "cpus=1,maxcpus=16,sockets=2,dies=2,cores=2,threads=2");
  Words devices;
  for (const std::string& word : command) {
    if (word.starts_with("max-x86_64-cpu,")) devices.push_back(word.substr(15));
  }
  EXPECT_THAT(
      devices,
      ElementsAre("socket-id=0,die-id=0,core-id=0,thread-id=1", "socket-id=0,die-id=0,core-id=1,thread-id=0",
                  "socket-id=0,die-id=0,core-id=1,thread-id=1", "socket-id=0,die-id=1,core-id=0,thread-id=0",
                  "socket-id=1,die-id=0,core-id=0,thread-id=0"));
  EXPECT_THAT(command, Contains("node,nodeid=0,cpus=0-7,memdev=ram0"));
  EXPECT_THAT(command, Contains("node,nodeid=1,cpus=8-15,memdev=ram1"));
  EXPECT_THAT(command, Contains("node,nodeid=2,memdev=ram2"));
  EXPECT_THAT(kernel_command_line(request), HasSubstr(" possible_cpus=6"));
  EXPECT_THAT(kernel_command_line(request_for({1, 2, 2, 1})), Not(HasSubstr("possible_cpus")));
  request.accelerator = Accelerator::kKvm;
  EXPECT_THAT(machine_arguments(request),
              Contains("host-x86_64-cpu,socket-id=1,die-id=0,core-id=0,thread-id=0"));
}

TEST(QemuCommand, NodesHaveDistancesAndMemoryOfTheirOwn) {
  MachineRequest request = request_for({2, 2, 1, 1});
  request.topology.distances = {10, 21, 31, 10};
  request.topology.memory_mib = {256, 128};
  const Words command = machine_arguments(request);
  EXPECT_THAT(command, Contains("dist,src=0,dst=1,val=21"));
  EXPECT_THAT(command, Contains("dist,src=1,dst=0,val=31"));
  EXPECT_THAT(node_memory(request), ElementsAre(256 * kMebibyte + kMailboxBytes, 128 * kMebibyte));
  request.topology = {3, 3, 1, 1};
  request.topology.memory_mib = {256, 0, 64};
  EXPECT_THAT(node_memory(request), ElementsAre(256 * kMebibyte + kMailboxBytes, 64 * kMebibyte));
  EXPECT_THAT(machine_arguments(request), Contains("node,nodeid=1,cpus=1-1"));
  EXPECT_THAT(machine_arguments(request), Contains("node,nodeid=2,cpus=2-2,memdev=ram1"));
}

TEST(QemuCommand, EveryAcceleratorHasItsOwnClockAndCpu) {
  MachineRequest request = request_for({1, 1, 2, 1});
  EXPECT_EQ(after(machine_arguments(request), "-accel"), "tcg,thread=multi");
  request.accelerator = Accelerator::kKvm;
  EXPECT_EQ(after(machine_arguments(request), "-cpu"), "host");
  request.accelerator = Accelerator::kTcg;
  request.deterministic = true;
  EXPECT_EQ(after(machine_arguments(request), "-accel"), "tcg,thread=single");
  EXPECT_THAT(after(machine_arguments(request), "-icount"), HasSubstr("sleep=off"));
  EXPECT_THAT(after(machine_arguments(request), "-cpu"), HasSubstr("-rdrand,-rdseed"))
      << "no instruction may give what the seed does not";
}

TEST(QemuCommand, WhatIsBootedAndWhatIsRestored) {
  const MachineRequest request = request_for({1, 1, 2, 1});
  const Words cold = command_of(request, BootKind::kCold), restored = command_of(request, BootKind::kRestore),
              saved = command_of(request, BootKind::kTemplate);
  EXPECT_EQ(after(cold, "-kernel"), "/k/vmlinux");
  EXPECT_THAT(cold, Not(Contains("-drive")));
  EXPECT_THAT(restored, Not(Contains("-kernel")));
  EXPECT_EQ(after(restored, "-drive"), "if=none,id=state,format=qcow2,file=/s/state.qcow2");
  EXPECT_EQ(after(saved, "-action"), "panic=pause");
  EXPECT_EQ(after(cold, "-action"), "panic=shutdown");
  for (const Words& command : {cold, restored, saved}) {
    EXPECT_THAT(command, Contains("-S")) << "it waits for `cont`";
    EXPECT_EQ(after(command, "-display"), "none");
    EXPECT_EQ(after(command, "-qmp"), "unix:/s/qmp,server=on,wait=off");
    EXPECT_THAT(after(command, "-object"), HasSubstr("id=ram0,size=704M,mem-path=/proc/self/fd/"));
  }
}

TEST(QemuCommand, WhatIsAttachedIsNoPartOfASavedGuest) {
  MachineRequest request = request_for({1, 1, 2, 1});
  request.attachments = {"-gdb", "unix:/s/gdb"};
  EXPECT_EQ(after(command_of(request, BootKind::kCold), "-gdb"), "unix:/s/gdb");
  EXPECT_EQ(after(command_of(request, BootKind::kRestore), "-gdb"), "unix:/s/gdb");
  EXPECT_THAT(command_of(request, BootKind::kTemplate), Not(Contains("-gdb")));
}

TEST(TemplateKey, ChangesWithEverythingThatDecidesWhatABootedGuestIs) {
  const MachineRequest base = request_for({1, 2, 2, 1});
  const auto key = [](const MachineRequest& request, const char* kernel = "k", const char* agent = "a",
                      const char* qemu = "q") { return template_key(request, kernel, agent, qemu); };
  std::vector<std::string> keys = {key(base), key(base, "k2"), key(base, "k", "a2"),
                                   key(base, "k", "a", "q2")};
  MachineRequest other = base;
  other.topology = {1, 1, 4, 1};
  keys.push_back(key(other));
  other.topology = {1, 2, 2, 1};
  other.topology.cores_of_llc = {2, 1};
  keys.push_back(key(other));
  other.topology = {2, 2, 2, 1};
  keys.push_back(key(other));
  other.topology.distances = {10, 21, 21, 10};
  keys.push_back(key(other));
  other.topology.memory_mib = {300, 212};
  keys.push_back(key(other));
  (other = base).memory_mib = 1024;
  keys.push_back(key(other));
  (other = base).deterministic = true;
  keys.push_back(key(other));
  (other = base).kernel_arguments = {"x"};
  keys.push_back(key(other));
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::unique(keys.begin(), keys.end()), keys.end());
  (other = base).run_deadline = std::chrono::milliseconds(1);
  other.kernel_image = "/elsewhere";
  EXPECT_EQ(key(other), key(base)) << "how long it may run and where its kernel lies changes no guest";
}

}  // namespace
}  // namespace ktstr::kvm
