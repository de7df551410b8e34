// SPDX-License-Identifier: Apache-2.0
//
// The C library's ways to end a process, as plugins find them: a symbol that the executable exports comes
// before the library's. What is linked into the executable is asked first, so that no plugin turns a red
// comparison into exit code 0.
#include <cstdio>

#include "plugin/current_call.hpp"

extern "C" {

__attribute__((noreturn)) void exit(int code) noexcept {
  std::fflush(nullptr);
  ktstr::leave_process(code, "exit()");
}
__attribute__((noreturn)) void quick_exit(int code) noexcept { ktstr::leave_process(code, "quick_exit()"); }
__attribute__((noreturn)) void _exit(int code) { ktstr::leave_process(code, "_exit()"); }
__attribute__((noreturn)) void _Exit(int code) noexcept { ktstr::leave_process(code, "_Exit()"); }

}  // extern "C"
