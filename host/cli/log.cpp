// SPDX-License-Identifier: Apache-2.0
#include "cli/log.hpp"

#include <ktstr/abi/host.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <ktstr/kit/text.hpp>

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

}  // namespace

void start_log(int verbose, bool colour) {
  auto* sink = static_cast<spdlog::sinks::stderr_color_sink_mt*>(logger().sinks().front().get());
  sink->set_color_mode(colour ? spdlog::color_mode::always : spdlog::color_mode::never);
  logger().set_level(verbose > 1    ? spdlog::level::trace
                     : verbose == 1 ? spdlog::level::debug
                                    : spdlog::level::info);
  logger().set_pattern("ktstr: %v");
}

// Names in messages come from users, repositories and plugins: here is the last door before the terminal.
void log_inform(const std::string& line) { logger().info("{}", printable(line)); }
void log_warn(const std::string& line) { logger().warn("warning: {}", printable(line)); }

void log_plugin(int level, const std::string& line) {
  switch (level) {
    case KTSTR_LOG_DEBUG: logger().trace("{}", line); break;
    case KTSTR_LOG_INFO: logger().debug("{}", line); break;
    case KTSTR_LOG_WARNING: logger().warn("warning: {}", line); break;
    default: logger().error("error: {}", line); break;
  }
}

ExitCode report(const Error& error) {
  if (error.code != ExitCode::kInterrupted || !error.message.empty())
    logger().error("error: {}", printable(error.message));
  for (const std::string& line : split(error.hint, '\n')) {
    if (!line.empty()) logger().info("       {}", printable(line));
  }
  return error.code;
}

}  // namespace ktstr
