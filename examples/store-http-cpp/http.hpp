// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
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

class Server;

/// Requests of one thread, over one connection as long as the server keeps it open.
class Connection {
 public:
  explicit Connection(const Server& server);
  Answer request(const char* method, const std::string& path, const std::string_view* body = nullptr,
                 const char* condition = nullptr);

 private:
  const Server& server_;
  std::unique_ptr<void, void (*)(void*)> curl_;
};

/// The server behind one URL. Usable from any thread: each request has a connection of its own.
class Server {
 public:
  /// `cancelled` ends a request that is under way.
  Server(std::string url, std::function<bool()> cancelled);

  /// Paths have no leading slash; what URLs cannot have is escaped here. A server that cannot be reached is
  /// KTSTR_UNAVAILABLE, an answer of 500 or more KTSTR_IO.
  Answer get(const std::string& path) const { return Connection(*this).request("GET", path); }
  /// 201: there was none of that name; 204: it has taken the place of one.
  Answer put(const std::string& path, std::string_view bytes) const {
    return Connection(*this).request("PUT", path, &bytes);
  }
  /// 412: there is one, which stays.
  Answer make(const std::string& path, std::string_view bytes) const {
    return Connection(*this).request("PUT", path, &bytes, "If-None-Match: *");
  }
  Answer remove(const std::string& path) const { return Connection(*this).request("DELETE", path); }

  /// What is in a directory, by name; none when there is no such directory.
  std::vector<Entry> list(const std::string& path, bool& exists) const;
  std::string url(const std::string& path) const;
  const std::function<bool()>& cancelled() const { return cancelled_; }

 private:
  std::string url_;
  std::function<bool()> cancelled_;
};

}  // namespace http_store
