// SPDX-License-Identifier: Apache-2.0
#include "pool/store_reads.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <thread>

namespace ktstr {
namespace {

constexpr unsigned kMostThreads = 8;     // of a store that keeps CPUs busy, not waiting
constexpr std::size_t kMostFiles = 256;  // of one call
constexpr std::uint64_t kMostBytes = 16 << 20;
constexpr std::size_t kCallsOfAThread = 8;  // so that none is left with much more than the others

}  // namespace

unsigned reading_threads(const StorePort& store) {
  const unsigned allowed = store.max_concurrency();
  return allowed > 0 ? allowed : std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
}

std::vector<ReadBatch> read_batches(const StorePort& store, const std::vector<WantedFile>& files,
                                    unsigned threads) {
  const bool waits = store.max_concurrency() > 0;  // for a server: the fewer calls the better
  const std::size_t calls = threads * (waits && store.reads_many() ? 1 : kCallsOfAThread);
  KTSTR_ASSERT(calls > 0);
  const std::size_t most = std::clamp<std::size_t>((files.size() + calls - 1) / calls, 1, kMostFiles);
  std::vector<ReadBatch> batches;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::uint64_t more = files[i].file.expected_bytes;
    const bool joins = !batches.empty() && i - batches.back().begin < most && bytes + more <= kMostBytes &&
                       *files[i].run == *files[batches.back().begin].run;
    if (!joins) {
      batches.push_back({i, i});
      bytes = 0;
    }
    batches.back().end = i + 1;
    bytes += more;
  }
  KTSTR_ASSERT(files.empty() ? batches.empty() : batches.back().end == files.size());
  return batches;
}

}  // namespace ktstr
