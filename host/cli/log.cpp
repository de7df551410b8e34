// SPDX-License-Identifier: Apache-2.0
#include "cli/log.hpp"

#include <ktstr/abi/host.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <ktstr/kit/text.hpp>

#include "support/details.hpp"
#include "support/status_line.hpp"

namespace ktstr {
namespace {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(spdlog::color_mode::never);
    auto made = std::make_shared<spdlog::logger>("ktstr", sink);
    made->set_pattern("ktstr: %v");
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

void write(spdlog::level::level_enum level, const std::string& line) {
  if (!logger().should_log(level)) return;
  without_status_line([&] { logger().log(level, "{}", line); });
}

}  // namespace

void start_log(int verbosity, bool colour) {
  auto* sink = static_cast<spdlog::sinks::stderr_color_sink_mt*>(logger().sinks().front().get());
  sink->set_color_mode(colour ? spdlog::color_mode::always : spdlog::color_mode::never);
  logger().set_level(verbosity > 1    ? spdlog::level::trace
                     : verbosity == 1 ? spdlog::level::debug
                     : verbosity == 0 ? spdlog::level::info
                                      : spdlog::level::warn);
  logger().set_pattern("ktstr: %v");
  on_details(
      [](Detail detail, const std::string& line) {
        write(detail == Detail::kStep ? spdlog::level::debug : spdlog::level::trace, printable(line));
      },
      verbosity > 0, verbosity > 1);
}

// Names in messages come from users, repositories and plugins: here is the last door before the terminal.
void log_inform(const std::string& line) { write(spdlog::level::info, printable(line)); }
void log_warn(const std::string& line) { write(spdlog::level::warn, "warning: " + printable(line)); }
void log_explanation(const std::string& line) { write(spdlog::level::err, printable(line)); }

void log_plugin(int level, const std::string& line) {
  switch (level) {
    case KTSTR_LOG_DEBUG: write(spdlog::level::trace, line); break;
    case KTSTR_LOG_INFO: write(spdlog::level::debug, line); break;
    case KTSTR_LOG_WARNING: write(spdlog::level::warn, "warning: " + line); break;
    default: write(spdlog::level::err, "error: " + line); break;
  }
}

ExitCode report(const Error& error) {
  if (error.code != ExitCode::kInterrupted || !error.message.empty())
    write(spdlog::level::err, "error: " + printable(error.message));
  for (const std::string& line : split(error.hint, '\n')) {
    if (!line.empty()) log_explanation("       " + line);
  }
  return error.code;
}

}  // namespace ktstr
