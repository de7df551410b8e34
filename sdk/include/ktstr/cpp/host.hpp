// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/host.h>

#include <cstdint>
#include <ktstr/cpp/error.hpp>
#include <string_view>

namespace ktstr::sdk {

/// The host's services. Copyable; valid as long as the plugin.
class Host {
 public:
  explicit Host(const ktstr_host* host) : host_(host) {}
  void debug(std::string_view line) const { log(KTSTR_LOG_DEBUG, line); }
  void info(std::string_view line) const { log(KTSTR_LOG_INFO, line); }
  void warning(std::string_view line) const { log(KTSTR_LOG_WARNING, line); }
  void error(std::string_view line) const { log(KTSTR_LOG_ERROR, line); }
  bool cancelled() const { return KTSTR_HAS(ktstr_host, host_, cancelled) && host_->cancelled(host_) != 0; }
  /// An optional service of the host, or null (ktstr/abi/library.h has one).
  const void* extension(const char* id) const {
    return KTSTR_HAS(ktstr_host, host_, extension) ? host_->extension(host_, id) : nullptr;
  }
  const ktstr_host* table() const { return host_; }

 private:
  void log(std::int32_t level, std::string_view line) const {
    if (KTSTR_HAS(ktstr_host, host_, log)) host_->log(host_, level, str(line));
  }
  const ktstr_host* host_;
};

}  // namespace ktstr::sdk
