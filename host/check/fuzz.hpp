// SPDX-License-Identifier: Apache-2.0
//
// Calls by chance: what a plugin is handed is hostile and follows from a seed and the number of the case
// alone.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "check/subject.hpp"
#include "support/result.hpp"

namespace ktstr {

struct FuzzWish {
  std::uint64_t seed = 1;
  std::chrono::milliseconds time{0};           ///< of all implementations together
  std::optional<std::uint64_t> only;           ///< this case alone, however long it takes
  std::vector<std::string> names;              ///< of implementations; empty: all
  std::chrono::milliseconds deadline{20'000};  ///< of a batch of cases
};

struct FuzzFinding {
  std::uint64_t number = 0;  ///< of the case
  std::string text;          ///< one line, the plugin's words escaped
};

/// Of one implementation.
struct FuzzResult {
  std::string subject;  ///< "gate welch"
  std::uint64_t cases = 0;
  std::vector<FuzzFinding> findings;  ///< each text once, with the first case that showed it
  std::string skipped;                ///< why nothing could be found out; empty otherwise
};

/// Every case runs in a process that ends with it when something is wrong. The caller has one thread and has
/// loaded no plugin. An error: nothing was found out, or `cancelled` became true.
Result<std::vector<FuzzResult>> fuzz_plugin(const CheckSubject& subject, const FuzzWish& wish,
                                            const std::atomic<bool>& cancelled);

class Bench;
class Dice;
/// One use of an instance with what the dice say.
void fuzz_gate(Bench& bench, Dice& dice);
void fuzz_reporter(Bench& bench, Dice& dice);
void fuzz_store(Bench& bench, Dice& dice);
void fuzz_baseline(Bench& bench, Dice& dice);
void fuzz_runner(Bench& bench, Dice& dice);

}  // namespace ktstr
