// SPDX-License-Identifier: Apache-2.0
//
// A guest that has written over its monitor map and its memory, at any place and with any value: the input is
// a list of such writes (where, what) upon a guest that is in order.
#include "monitor/run_queues.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "monitor/last_look.hpp"
#include "unit/plugins/kvm-runner/monitor/synthetic_guest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ktstr::kvm;
  using ktstr::kvm::testing::SyntheticGuest;
  struct Write {
    std::uint32_t where;
    std::uint64_t what;
  } __attribute__((packed));
  static SyntheticGuest guest(2);
  static const MonitorMap whole = guest.map();
  static const GuestRam ram(guest.memory());
  MonitorMap map = whole;
  std::vector<Write> undo;
  for (; size >= sizeof(Write) && undo.size() < 64; size -= sizeof(Write), data += sizeof(Write)) {
    Write write;
    std::memcpy(&write, data, sizeof write);
    if (write.where % 4 == 0) {
      std::memcpy(reinterpret_cast<char*>(&map) + write.where / 4 % (sizeof map - 7), &write.what,
                  sizeof write.what);
      continue;
    }
    Write before{write.where / 4 % static_cast<std::uint32_t>(SyntheticGuest::kBytes - 7), 0};
    std::memcpy(&before.what, guest.bytes() + before.where, sizeof before.what);
    std::memcpy(guest.bytes() + before.where, &write.what, sizeof write.what);
    undo.push_back(before);
  }
  std::string problem;
  const std::optional<RunQueues> queues = RunQueues::find(ram, map, 2, problem);
  if (queues.has_value() != problem.empty()) std::abort();
  if (queues) {
    const Reading reading = queues->read();
    const MonitorSample sample = reduce(&reading, reading);
    if (sample.valid && (sample.deepest > 10'000 || sample.running > 20'000 || sample.imbalance < 1))
      std::abort();
  }
  LastLook look;
  look_at_memory(ram, map, 2, look);
  if (look.tasks.size() > 64) std::abort();
  while (!undo.empty()) {
    std::memcpy(guest.bytes() + undo.back().where, &undo.back().what, sizeof undo.back().what);
    undo.pop_back();
  }
  return 0;
}
