// SPDX-License-Identifier: Apache-2.0
//
// The names of objects, which say all that is needed to know what a run consists of. Below the prefix:
//
//   v1/runs/{run key}/{writer}/begin/{mode}{extent}-{inputs}-{session}   who began to write, and how
//   v1/runs/{run key}/{writer}/{number}/{file name}                      one file
//   v1/runs/{run key}/{writer}/{number}-removed/{file name}              a file that is no part of the run
//   any more v1/runs/{run key}/{writer}/{number}-dropped/{writer}/{number}/{name} one object that is none any
//   more v1/runs/{run key}/{writer}/end/{complete or stopped} v1/sessions/{session}/{pass}/{writer}/… the
//   same of a pass, or of the session itself v1/sessions/{session}/hold somebody works in it
//
// A writer is a ULID, which nobody else has: objects are made once, never replaced, and need no lock.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ktstr::s3_store {

inline constexpr std::string_view kRuns = "v1/runs/", kSessionObjects = "v1/sessions/", kHoldName = "/hold";

/// How earlier results are dealt with when a writer begins.
enum class Mode : char {
  kKeep = 'k',     ///< they stay
  kReplace = 'p',  ///< they stay while they follow from the same inputs
  kClear = 'c',    ///< they go
};

struct WriterBegin {
  Mode mode = Mode::kKeep;
  bool partial = false;
  std::string inputs, session;  ///< 16 hex digits of their hashes; of none zeros
};

inline constexpr std::string_view kNoHash = "0000000000000000";
/// 16 hex digits; kNoHash for an empty text.
std::string short_hash(std::string_view text);

enum class ObjectKind { kBegin, kEnd, kFile, kRemoved, kDropped, kHold };

struct ObjectName {
  ObjectKind kind = ObjectKind::kFile;
  std::string place;   ///< "v1/runs/KEY", "v1/sessions/SESSION/PASS", "v1/sessions/SESSION"
  std::string writer;  ///< empty for kHold
  std::uint64_t number = 0;
  std::string name;   ///< of the file; for kDropped "WRITER/NUMBER/NAME"
  WriterBegin begin;  ///< of kBegin
};

/// Nothing for what this store did not write.
std::optional<ObjectName> parse_object_name(std::string_view key);

std::string begin_name(const std::string& place, const std::string& writer, const WriterBegin& begin);
std::string end_name(const std::string& place, const std::string& writer, bool complete);
std::string file_name(const std::string& place, const std::string& writer, std::uint64_t number,
                      std::string_view name);
std::string removed_name(const std::string& place, const std::string& writer, std::uint64_t number,
                         std::string_view name);
/// `object`: of a file of the same place.
std::string dropped_name(const std::string& place, const std::string& writer, std::uint64_t number,
                         std::string_view object);

/// 26 characters that sort by time: milliseconds since 1970, then 80 random bits. Sorts behind `after`, which
/// may be empty.
std::string new_writer(std::int64_t milliseconds, std::string_view after);
bool is_writer(std::string_view text);

}  // namespace ktstr::s3_store
