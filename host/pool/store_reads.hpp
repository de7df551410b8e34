// SPDX-License-Identifier: Apache-2.0
//
// Files of a store, read with as many calls at once as the store allows: what makes up for latency.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "ports/ports.hpp"
#include "support/ordered_parallel.hpp"

namespace ktstr {

struct WantedFile {
  const std::string* run = nullptr;  ///< its key; borrowed
  StorePort::FileWish file;
};

/// How many threads read from a store.
unsigned reading_threads(const StorePort& store);

/// Consecutive files of one run that are asked for in one call.
struct ReadBatch {
  std::size_t begin = 0, end = 0;
};
/// In order. Small enough to keep every thread busy to the end, and to lie in memory.
std::vector<ReadBatch> read_batches(const StorePort& store, const std::vector<WantedFile>& files,
                                    unsigned threads);

/// Hands the bytes of each file, or why there are none, to `work(index, bytes)`, on any thread and several at
/// once, and what that returns to `consume(index, item)` in order on the calling thread; false stops. What is
/// thrown on either side arrives at the caller.
template <typename Work, typename Consume>
void read_all(StorePort& store, const std::vector<WantedFile>& files, std::uint64_t max_bytes,
              const Work& work, const Consume& consume) {
  using Item = decltype(work(std::size_t{0}, Result<std::string>(std::string())));
  const unsigned threads = reading_threads(store);
  const std::vector<ReadBatch> batches = read_batches(store, files, threads);
  parallel_in_order(
      batches.size(), threads,
      [&](std::size_t at) {
        const auto [begin, end] = batches[at];
        std::vector<StorePort::FileWish> wishes;
        for (std::size_t i = begin; i < end; ++i) wishes.push_back(files[i].file);
        std::vector<std::optional<Item>> items(wishes.size());
        store.read_many(*files[begin].run, wishes, max_bytes,
                        [&, first = begin](std::size_t i, Result<std::string> bytes) {
                          items[i] = work(first + i, std::move(bytes));
                        });
        return items;
      },
      [&](std::size_t at, std::vector<std::optional<Item>> items) {
        for (std::size_t i = 0; i < items.size(); ++i) {
          if (!consume(batches[at].begin + i, std::move(*items[i]))) return false;
        }
        return true;
      });
}

}  // namespace ktstr
