// SPDX-License-Identifier: Apache-2.0
//
// One HTTP request and its answer, by libcurl. Connections are kept and shared by the threads that ask.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <ktstr/kit/mutex.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::s3_store {

struct HttpRequest {
  std::string method = "GET", url;
  std::vector<std::string> headers;  ///< "Name: value"
  std::string_view body;
  std::chrono::milliseconds connect{5'000}, silence{30'000};  ///< how long to wait for what
  std::uint64_t most_bytes = std::uint64_t{1} << 32;          ///< of the answer
};

struct HttpAnswer {
  int status = 0;                                           ///< 0: there was no answer, and `error` says why
  std::map<std::string, std::string, std::less<>> headers;  ///< names in lower case
  std::string body, error;

  std::string_view header(std::string_view name) const;
};

class Http {
 public:
  /// `ca_bundle`: a file; empty: the system's.
  Http(std::string ca_bundle, std::function<bool()> cancelled);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  /// Throws KTSTR_CANCELLED when the caller wants to stop. Any thread.
  HttpAnswer perform(const HttpRequest& request);

 private:
  void* take_handle();
  void give_back(void* handle);

  std::string ca_bundle_;
  std::function<bool()> cancelled_;
  kit::Mutex mutex_;
  std::vector<void*> idle_ KTSTR_GUARDED_BY(mutex_);
};

}  // namespace ktstr::s3_store
