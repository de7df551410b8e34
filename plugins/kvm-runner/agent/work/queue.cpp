// SPDX-License-Identifier: Apache-2.0
#include "agent/work/functions.hpp"
#include "agent/work/locks.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

/// A ring of `cells` that the group shares; an item is the time when it was put in.
class Queue {
 public:
  explicit Queue(WorkContext& c) : c_(c) {}

  /// Waits while it is full; false when stopped.
  bool put() {
    return change(kRoom, [this](std::uint32_t first, std::uint32_t behind) {
      if (behind - first == c_.cells.size()) return false;
      c_.cells[behind % c_.cells.size()].store(now_ns(), std::memory_order_relaxed);
      c_.group.words[kBehind] = behind + 1;
      return true;
    });
  }
  /// Waits while it is empty; 0 when stopped, else when the item was put in.
  std::uint64_t get() {
    std::uint64_t item = 0;
    change(kItems, [this, &item](std::uint32_t first, std::uint32_t behind) {
      if (behind == first) return false;
      item = c_.cells[first % c_.cells.size()].load(std::memory_order_relaxed);
      c_.group.words[kFirst] = first + 1;
      return true;
    });
    return item;
  }

 private:
  // Words of the group. Places count on beyond the number of cells, which divides 2^32 or is only passed by
  // 2^32 items.
  static constexpr std::size_t kLock = 0, kFirst = 1, kBehind = 2, kRoom = 3, kItems = 4;

  /// Does it under the lock until it could be done, and tells the other side; waits for a change of `word`
  /// between.
  template <typename Try>
  bool change(std::size_t word, const Try& attempt) {
    std::atomic<std::uint32_t>&mine = c_.group.words[word],
    &others = c_.group.words[word == kRoom ? kItems : kRoom];
    bool slept = false;
    std::uint64_t waited = 0;
    while (!c_.stopped() && take(c_, c_.group.words[kLock])) {
      const std::uint32_t seen = mine;
      const bool done = attempt(c_.group.words[kFirst], c_.group.words[kBehind]);
      give_back(c_.group, c_.group.words[kLock]);
      if (done) {
        if (slept) c_.telemetry.latency(waited);
        const std::uint64_t now = now_ns();
        c_.group.stamps[word == kRoom ? kItems : kRoom] = now;
        c_.group.woken_at_ns = now;
        others.fetch_add(1);
        futex_wake(others, 1);
        return true;
      }
      slept = futex_wait(mine, seen);
      waited = time_since(c_.group.stamps[word]);
      c_.telemetry.woke();
    }
    return false;
  }

  WorkContext& c_;
};

}  // namespace

void producer_consumer_imbalance(WorkContext& c) {
  const std::uint64_t produce = c.work.count("produce_units"), consume = c.work.count("consume_units");
  Queue queue(c);
  while (!c.stopped()) {
    if (c.index_in_group < c.work.count("producers")) {
      spin(c, produce);
      if (!queue.put()) break;
      c.telemetry.count(0);
    } else {
      const std::uint64_t put_ns = queue.get();
      if (put_ns == 0) break;
      c.telemetry.sample(1, now_ns() - put_ns);
      c.telemetry.count(1);
      spin(c, consume);
    }
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
