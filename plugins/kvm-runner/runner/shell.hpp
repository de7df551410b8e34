// SPDX-License-Identifier: Apache-2.0
//
// `ktstr shell`: a guest like a test's, with busybox on a terminal or for one command.
#pragma once
#include <atomic>
#include <string>

#include "runner/request.hpp"
#include "runner/test_run.hpp"

namespace ktstr::kvm {

inline constexpr const char* kBusybox = "busybox";
inline constexpr const char* kBusyboxFix = "install it: apt-get install busybox-static";

/// Opens one and returns the document of ktstr/abi/runner.h when it has ended; `of`: the test whose machine
/// and files it has, or null. Throws sdk::Error.
std::string open_shell(const RunContext& context, const ShellWish& wish, const TestSpec* of,
                       const std::atomic<bool>& cancel);

/// The test that such a shell is: a payload that is waited for. Pure.
TestSpec shell_test(const ShellWish& wish, const TestSpec* of);

}  // namespace ktstr::kvm
