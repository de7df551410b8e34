// SPDX-License-Identifier: Apache-2.0
//
// The requests of S3 that a store needs, signed, and tried again where that helps. Keys are below the prefix
// of the location. Everything throws ktstr::sdk::Error. Any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "credentials.hpp"
#include "http.hpp"
#include "listing.hpp"
#include "location.hpp"

namespace ktstr::s3_store {

class Client {
 public:
  Client(const Options& options, Location location, Http& http, CredentialChain& credentials);

  /// What `make` did.
  enum class Made { kNew, kSame, kOther };
  /// Makes an object that was not there: kSame when the same bytes are there (an earlier attempt got
  /// through), kOther when others are.
  Made make(const std::string& key, std::string_view bytes);
  /// Makes or replaces.
  void put(const std::string& key, std::string_view bytes);
  /// Throws KTSTR_NOT_FOUND.
  std::string get(const std::string& key);
  /// One that is gone is no error.
  void remove(const std::string& key);
  void remove_all(const std::vector<std::string>& keys);
  /// Every object whose key begins with `prefix`, in order; keys without the location's prefix.
  std::vector<ListedObject> list(const std::string& prefix);

  /// False once the server said that it knows no If-None-Match: keys that nobody else makes are needed then.
  bool conditional() const { return conditional_; }
  /// Seconds since 1970 by the server's clock, as far as it is known.
  std::int64_t now() const;
  const Location& location() const { return location_; }

 private:
  struct Call {
    std::string method, key;
    Pairs query, headers;
    std::string_view body;
  };
  HttpAnswer attempt(const Call& call);
  HttpAnswer send(const Call& call);
  bool again(const HttpAnswer& answer);
  void pause(unsigned tried, const HttpAnswer& answer) const;
  void learn_time(const HttpAnswer& answer);
  [[noreturn]] void fail(const Call& call, const HttpAnswer& answer) const;
  HttpAnswer store(const std::string& key, std::string_view bytes, bool only_new);

  const Options& options_;
  Location location_;
  Http& http_;
  CredentialChain& credentials_;
  std::atomic<bool> conditional_{true};
  std::atomic<bool> silent_{false};  ///< the last request had no answer: the next one waits for none in vain
  std::atomic<std::int64_t> ahead_{0};  ///< of the server's clock, seconds
};

}  // namespace ktstr::s3_store
