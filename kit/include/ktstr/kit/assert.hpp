// SPDX-License-Identifier: Apache-2.0
//
// Assertions that stay on in release builds. They state what this program itself has made so: what others
// send (a file, a guest, a plugin, a user) is never asserted but refused with an error. The best come in
// pairs: one before something is written, one after it was read.
#pragma once
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace ktstr::kit {

/// Called with the text of a failed assertion, on the thread that failed, before the process aborts. For a
/// process whose stderr nobody sees; may throw instead of returning. Set once, at start.
using AssertionHandler = void (*)(const char* text);
inline std::atomic<AssertionHandler> assertion_handler{nullptr};

[[noreturn, gnu::cold, gnu::noinline]] inline void assertion_failed(const char* file, int line,
                                                                    const char* function,
                                                                    const char* expression) {
  const std::string text = std::string(file) + ":" + std::to_string(line) + ": " + function + ": \"" +
                           expression + "\" does not hold";
  if (const AssertionHandler handler = assertion_handler.load()) handler(text.c_str());
  std::fflush(nullptr);
  std::fprintf(
      stderr,
      "ktstr: %s\nktstr: this is a bug in ktstr, whatever it was given: please report the line above, "
      "the command and what `ktstr --version` says\n",
      text.c_str());
  std::abort();
}

}  // namespace ktstr::kit

/// Aborts, with a line that says where and that it is a bug in ktstr, unless `expression` holds. Evaluated in
/// every build: keep it cheap and free of effects.
#define KTSTR_ASSERT(expression)                                                                     \
  (__builtin_expect(static_cast<bool>(expression), 1)                                                \
       ? static_cast<void>(0)                                                                        \
       : ::ktstr::kit::assertion_failed(__FILE_NAME__, __LINE__, static_cast<const char*>(__func__), \
                                        #expression))
