// SPDX-License-Identifier: Apache-2.0
//
// After TaoBench of DCPerf: a cache in front of something slow. Keys are asked for with equal probability and
// are so many that the cache, once full, holds the wanted share of them. Each key has one place in it, which
// it shares with few others; the cache is full from the beginning, so that the share is right from the
// beginning.
#include "agent/work/functions.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

constexpr std::uint64_t kOpsOfCheckpoint = 16;

class Cache {
 public:
  explicit Cache(WorkContext& c)
      : asked_(c.cells.first(kvm::kRequestCells)),
        places_(c.work.count("items")),
        words_((c.work.count("value_bytes") + 7) / 8),
        tags_(c.cells.subspan(kvm::kRequestCells, places_)),
        values_(c.cells.subspan(kvm::kRequestCells + places_)),
        keys_(places_ * 100 / c.work.count("hit_pct")) {}

  std::uint64_t keys() const { return keys_; }
  std::atomic<std::uint64_t>& asked_by(std::uint32_t client) { return asked_[client]; }

  /// Reads the object when it is there.
  bool read(std::uint64_t key) const {
    if (tags_[key % places_].load(std::memory_order_acquire) != key / places_) return false;
    std::uint64_t sum = 0;
    for (const auto& word : value(key)) sum += word.load(std::memory_order_relaxed);
    __asm__ volatile("" : : "r"(sum));
    return true;
  }
  /// Puts it where another one of the same place was.
  void fill(std::uint64_t key) {
    for (auto& word : value(key)) word.store(key, std::memory_order_relaxed);
    tags_[key % places_].store(key / places_, std::memory_order_release);
  }

 private:
  using Cells = std::span<std::atomic<std::uint64_t>>;
  Cells value(std::uint64_t key) const { return values_.subspan(key % places_ * words_, words_); }

  Cells asked_;
  std::uint64_t places_, words_;
  Cells tags_, values_;
  std::uint64_t keys_;
};

enum Counts : std::size_t { kFast, kSlow, kAsked, kMissed };  // of the row of the table

/// When the next request is asked: at once, or at its time of a fixed rate. Who is late asks what is due one
/// after the other, and each counts from when it was due, so that a stall is not told as a single slow
/// request.
class Arrivals {
 public:
  Arrivals(WorkContext& c, std::uint64_t rate_hz)
      : c_(c), period_(rate_hz == 0 ? 0 : 1'000'000'000 / rate_hz), due_(now_ns()) {
    if (period_ != 0) due_ += c.random.below(period_);
  }
  std::uint64_t next() {
    if (period_ == 0) return now_ns();
    due_ += period_;
    if (now_ns() < due_) {
      c_.telemetry.checkpoint();
      c_.telemetry.sleeps_until(due_);
      sleep_until(due_);
      c_.telemetry.woke();
    }
    return due_;
  }

 private:
  WorkContext& c_;
  std::uint64_t period_, due_;
};

/// Has a slow worker fetch the key; false when stopped.
bool fetch(WorkContext& c, Cache& cache, std::uint64_t key) {
  std::atomic<std::uint32_t>& misses =
      c.group.words[0];  // a bit for each client that waits for a slow worker
  c.telemetry.checkpoint();
  cache.asked_by(c.index_in_group) = key;
  c.group.woken_at_ns = now_ns();
  misses.fetch_or(1U << c.index_in_group);
  futex_wake(misses, 1, c.group.futex_scope);
  return await_ring(c) != Rung::kNo;
}

void be_client(WorkContext& c, Cache& cache) {
  Arrivals arrivals(c, c.work.count("rate_hz"));
  for (std::uint64_t operation = 1; !c.stopped(); ++operation) {
    const std::uint64_t begin = arrivals.next();
    if (c.stopped()) break;
    const std::uint64_t key = c.random.below(cache.keys());
    const bool hit = cache.read(key);
    c.telemetry.count(kAsked);
    if (!hit) {
      c.telemetry.count(kMissed);
      if (!fetch(c, cache, key)) break;
    }
    c.telemetry.latency(now_ns() - begin);
    c.telemetry.count(hit ? kFast : kSlow);
    c.telemetry.add_units(1);
    c.telemetry.add_iteration();
    if (operation % kOpsOfCheckpoint == 0) c.telemetry.checkpoint();
  }
}

void be_slow_worker(WorkContext& c, Cache& cache, std::uint32_t clients, std::uint64_t fetch_ns) {
  std::atomic<std::uint32_t>& misses = c.group.words[0];
  std::uint32_t client = 0;
  while (!c.stopped()) {
    const std::uint32_t waiting = misses;
    if (waiting == 0) {
      futex_wait(misses, 0, c.group.futex_scope);
      c.telemetry.woke();
      continue;
    }
    client = (client + 1) % clients;  // in turn, so that nobody waits for ever
    if ((misses.fetch_and(~(1U << client)) >> client & 1) == 0) continue;
    rest(c, fetch_ns);
    cache.fill(cache.asked_by(client));
    c.telemetry.add_units(1);
    c.telemetry.checkpoint();
    c.telemetry.add_iteration();
    ring(c.group, client, now_ns());
  }
}

}  // namespace

void taobench(WorkContext& c) {
  const std::uint32_t clients = static_cast<std::uint32_t>(c.work.count("clients"));
  Cache cache(c);
  if (c.index_in_group < clients) {
    be_client(c, cache);
  } else {
    be_slow_worker(c, cache, clients, c.work.count("miss_us") * kMicrosecond);
  }
}

}  // namespace ktstr::agent
