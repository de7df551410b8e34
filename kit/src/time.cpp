// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/time.hpp"

#include <ctime>

namespace ktstr::kit {
namespace {

std::string utc(std::int64_t unix_seconds, const char* format) {
  const std::time_t seconds = unix_seconds;
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return std::to_string(unix_seconds);
  char text[40];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

}  // namespace

std::string utc_timestamp(std::int64_t unix_seconds) { return utc(unix_seconds, "%Y-%m-%dT%H:%M:%SZ"); }
std::string utc_name(std::int64_t unix_seconds) { return utc(unix_seconds, "%Y%m%dT%H%M%SZ"); }

}  // namespace ktstr::kit
