// SPDX-License-Identifier: Apache-2.0
//
// What ktstr and the process of an isolated plugin say to each other. A request has one answer; other news
// may come before it.
#pragma once
#include <cstdint>

namespace ktstr {

/// The word behind "ktstr" that makes it such a process. Nobody types it.
inline constexpr const char* kIsolatedCommand = "__isolated";

enum class IsolatedRequest : std::uint32_t {
  kLoad,
  kCreate,
  kDestroy,
  kUnload,
  kEvaluate,
  kBegin,
  kRows,
  kEnd,
};

enum class IsolatedReply : std::uint32_t {
  kAnswer,   ///< a ktstr_status, a ktstr_error, and what the request asked for
  kLog,      ///< level and line
  kNews,     ///< what a call did besides its work
  kWritten,  ///< bytes of a report
};

struct FrameHead {
  std::uint32_t kind = 0;
  std::uint32_t reserved = 0;
  std::uint64_t length = 0;  ///< of what follows
};

}  // namespace ktstr
