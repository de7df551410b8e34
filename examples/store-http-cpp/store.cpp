// SPDX-License-Identifier: Apache-2.0
//
// A whole store: runs are directories of an HTTP server, sidecars and artifacts files in them, and a session
// of repeated runs a directory below .sessions with a lock in it.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <random>

#include "run.hpp"

namespace http_store {
namespace {

namespace json = boost::json;
namespace sdk = ktstr::sdk;

constexpr std::string_view kOptions = R"({
  "type": "object", "additionalProperties": false, "required": ["url"],
  "properties": {
    "url": {"type": "string", "minLength": 1, "format": "uri",
            "description": "where the server keeps this project's runs"}
  }
})";

/// The host has held the options to the schema.
std::string url_of(std::string_view options) {
  return std::string(json::parse({options.data(), options.size()}).at("url").as_string());
}

constexpr std::uint32_t kRequestsAtOnce = 16;
constexpr std::string_view kSessions = ".sessions", kLock = ".lock";

/// Differs from run to run of this program, and sorts by time.
std::string new_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) + "-" +
         std::to_string(std::random_device()() % 1000000U);
}

class Session : public sdk::StoreSession {
 public:
  Session(const Server& server, std::string key) : server_(server), key_(std::move(key)) {}
  std::string key() const override { return key_; }
  std::uint64_t end() override {
    server_.remove(key_ + '/' + std::string(kLock));
    return 0;
  }

 private:
  const Server& server_;
  std::string key_;
};

class HttpStore : public sdk::Store {
 public:
  HttpStore(sdk::Host host, const sdk::Creation& creation)
      : server_(url_of(creation.options), [host] { return host.cancelled(); }) {}

  void list_runs(const sdk::RunVisitor& visit) override { list_directories("", visit); }
  void list_sessions(const sdk::RunVisitor& visit) override {
    list_directories(std::string(kSessions) + '/', visit);
  }

  void list_sidecars(std::string_view key, const sdk::SidecarVisitor& visit) override {
    list_files(std::string(key), true, visit);
  }
  void list_artifacts(std::string_view key, const sdk::SidecarVisitor& visit) override {
    list_files(std::string(key), false, visit);
  }

  void read(std::string_view key, std::string_view name, const sdk::Writer& out) override {
    const std::string path = std::string(key) + '/' + std::string(name);
    out.write(bytes_of(path, server_.get(path)));
  }
  /// Over one connection.
  void read_many(std::string_view key, const std::vector<std::string_view>& names,
                 const sdk::FileVisitor& visit) override {
    Connection connection(server_);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string path = std::string(key) + '/' + std::string(names[i]);
      std::string bytes;
      try {
        bytes = bytes_of(path, connection.request("GET", path));
      } catch (const sdk::Error& error) {
        if (error.status() == KTSTR_CANCELLED) throw;
        visit(i, error);
        continue;
      }
      visit(i, bytes);
    }
  }

  /// Writes a file and removes it.
  void probe() override {
    const std::string path = ".probe-" + new_id();
    const Answer answer = server_.make(path, "");
    if (answer.status != 201)
      throw sdk::Error(KTSTR_UNAVAILABLE, server_.url(path) + ": PUT was answered with " +
                                              std::to_string(answer.status) +
                                              ": nothing can be stored there");
    server_.remove(path);
  }

  std::unique_ptr<sdk::StoreRun> begin_run(const sdk::RunRequest& request) override {
    return std::make_unique<Run>(server_, std::string(request.key), request);
  }

  std::string locate(std::string_view key, std::string_view name) override {
    return server_.url(std::string(key) + '/' + std::string(name));
  }

  void remove(std::string_view key) override {
    const std::string path = std::string(key) + '/';
    if (server_.get(path + std::string(kLock)).status == 200)
      throw sdk::Error(KTSTR_CONFLICT, std::string(key) + " is being written");
    if (server_.remove(path).status == 404)
      throw sdk::Error(KTSTR_NOT_FOUND, "there is no " + std::string(key) + " at " + server_.url(""));
  }

  std::unique_ptr<sdk::StoreSession> begin_session(std::string_view name, bool resume) override {
    std::string key = std::string(kSessions) + '/' + std::string(name) + '-' + new_id();
    bool exists = false;
    const std::vector<Entry> known = server_.list(std::string(kSessions), exists);
    for (auto entry = known.rbegin(); resume && entry != known.rend(); ++entry) {
      if (entry->name != name && entry->name.rfind(std::string(name) + '-', 0) != 0) continue;
      key = std::string(kSessions) + '/' + entry->name;
      break;
    }
    const std::string lock = key + '/' + std::string(kLock);
    if (server_.make(lock, "").status == 412)  // made by nobody but the holder
      throw sdk::Error(KTSTR_CONFLICT, key + " is held by somebody else",
                       "if that one was killed: curl -X DELETE " + server_.url(lock));
    return std::make_unique<Session>(server_, key);
  }

 private:
  std::string bytes_of(const std::string& path, Answer answer) const {
    if (answer.status == 404) throw sdk::Error(KTSTR_NOT_FOUND, server_.url(path) + " is not there");
    if (answer.status != 200)
      throw sdk::Error(KTSTR_IO,
                       server_.url(path) + ": GET was answered with " + std::to_string(answer.status));
    return std::move(answer.body);
  }

  void list_directories(const std::string& below, const sdk::RunVisitor& visit) {
    bool exists = false;
    std::vector<Entry> runs;
    for (Entry& entry : server_.list(below.substr(0, below.empty() ? 0 : below.size() - 1), exists)) {
      if (entry.directory && entry.name.front() != '.') runs.push_back(std::move(entry));
    }
    std::sort(runs.begin(), runs.end(), [](const Entry& a, const Entry& b) {
      return a.mtime_ns != b.mtime_ns ? a.mtime_ns > b.mtime_ns : a.name < b.name;
    });
    for (const Entry& run : runs)
      visit(below + run.name, run.mtime_ns, KTSTR_NOT_COUNTED, server_.url(below + run.name + '/'));
  }

  /// Sidecars may lie one directory down: those of the passes of a session do.
  void list_files(const std::string& key, bool sidecars, const sdk::SidecarVisitor& visit) {
    bool exists = false;
    std::vector<Entry> files;
    for (Entry& entry : server_.list(key, exists)) {
      if (!entry.directory) {
        files.push_back(std::move(entry));
        continue;
      }
      bool below = false;
      for (Entry& inner : server_.list(key + '/' + entry.name, below)) {
        inner.name = entry.name + '/' + inner.name;
        if (!inner.directory) files.push_back(std::move(inner));
      }
    }
    if (!exists) throw sdk::Error(KTSTR_NOT_FOUND, "there is no " + key + " at " + server_.url(""));
    std::sort(files.begin(), files.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    for (const Entry& file : files) {
      const bool hidden = file.name[file.name.rfind('/') + 1] == '.';
      if (!hidden && is_sidecar(file.name) == sidecars) visit(file.name, file.bytes, file.mtime_ns);
    }
  }

  Server server_;
};

}  // namespace
}  // namespace http_store

KTSTR_PLUGIN("com.example.store-http", KTSTR_PLUGIN_VERSION, "Example Inc", "Apache-2.0",
             (ktstr::sdk::store_impl<http_store::HttpStore, 0, http_store::kRequestsAtOnce>(
                 "http", "runs on an HTTP server", http_store::kOptions)))
