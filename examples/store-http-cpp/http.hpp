// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace http_store {

struct Answer {
  long status = 0;
  std::string body;
};

/// What a server lists of one directory.
struct Entry {
  std::string name;  ///< without the slash of a directory
  bool directory = false;
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
};

/// The server behind one URL. Usable from any thread: each request has a connection of its own.
class Server {
 public:
  /// `cancelled` ends a request that is under way.
  Server(std::string url, std::function<bool()> cancelled);

  /// Paths have no leading slash; what URLs cannot have is escaped here. A server that cannot be reached is
  /// KTSTR_UNAVAILABLE, an answer of 500 or more KTSTR_IO.
  Answer get(const std::string& path) const { return request("GET", path, nullptr); }
  Answer put(const std::string& path, std::string_view bytes) const { return request("PUT", path, &bytes); }
  Answer remove(const std::string& path) const { return request("DELETE", path, nullptr); }

  /// What is in a directory, by name; none when there is no such directory.
  std::vector<Entry> list(const std::string& path, bool& exists) const;
  std::string url(const std::string& path) const;

 private:
  Answer request(const char* method, const std::string& path, const std::string_view* body) const;

  std::string url_;
  std::function<bool()> cancelled_;
};

}  // namespace http_store
