// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace ktstr::s3_store {

/// A variable of the environment; nothing when it is unset or empty.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

enum class PathStyle { kAuto, kAlways, kNever };

struct Options {
  std::string url;               ///< "s3://bucket/prefix"
  std::string region, endpoint;  ///< empty: as the environment and the profile say
  PathStyle path_style = PathStyle::kAuto;
  bool allow_http = false;                     ///< also to other machines
  std::uint32_t attempts = 5;                  ///< of one request
  std::chrono::milliseconds patience{30'000};  ///< how long a server may say nothing
  std::uint64_t cache_mib = 512;               ///< of objects that were read; 0: none
  std::uint64_t sessions_keep = 0;             ///< of repeated runs; 0: all

  std::string cache_dir;  ///< of ktstr; empty: none
  bool read_only = false;
  std::function<bool()> cancelled = [] { return false; };
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

}  // namespace ktstr::s3_store
