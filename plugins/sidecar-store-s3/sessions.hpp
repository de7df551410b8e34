// SPDX-License-Identifier: Apache-2.0
//
// Passes of repeated runs. Who works in a session holds it by an object that only one can make.
#pragma once
#include <ktstr/cpp/store.hpp>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client.hpp"

namespace ktstr::s3_store {

inline constexpr std::string_view kSessionKeys = ".sessions/";

struct SessionEntry {
  std::string name;
  std::int64_t mtime_ns = 0;
  std::uint64_t stamp = 0;
  std::vector<std::string> keys;  ///< of all its objects
  bool held = false;
};

class Sessions {
 public:
  Sessions(Client& client, std::uint64_t keep) : client_(client), keep_(keep) {}

  /// Most recently changed first.
  std::vector<SessionEntry> entries();
  std::unique_ptr<sdk::StoreSession> begin(std::string_view name, bool resume);
  bool holds(const std::string& name) const { return held_.contains(name); }
  /// Throws KTSTR_NOT_FOUND, KTSTR_CONFLICT.
  void remove(const std::string& name);
  std::uint64_t remove_old();
  /// Holds of those who have ended, or have not been heard of for a day; returns their keys.
  std::vector<std::string> sweep(bool dry_run);

 private:
  class Held;
  bool is_stale(const ListedObject& hold, std::string& text);
  void take(const std::string& name);

  Client& client_;
  std::uint64_t keep_;
  std::set<std::string> held_;
};

}  // namespace ktstr::s3_store
