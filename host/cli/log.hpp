// SPDX-License-Identifier: Apache-2.0
//
// Lines for people on stderr. The one place that knows spdlog.
#pragma once
#include <string>

#include "support/result.hpp"

namespace ktstr {

/// Before the first line. -1 (-q) shows warnings and errors, 0 notes as well, 1 (-v) what is done and what
/// plugins tell, 2 (-vv) everything.
void start_log(int verbosity, bool colour);

void log_inform(const std::string& line);
void log_warn(const std::string& line);
/// A line that belongs to an error, and is shown as it is.
void log_explanation(const std::string& line);
/// `level` is a KTSTR_LOG_* of the ABI.
void log_plugin(int level, const std::string& line);

/// Prints "ktstr: error: …" and the hint, and returns the exit code.
ExitCode report(const Error& error);

}  // namespace ktstr
