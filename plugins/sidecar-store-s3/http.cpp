// SPDX-License-Identifier: Apache-2.0
#include "http.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/text.hpp>
#include <memory>
#include <mutex>

namespace ktstr::s3_store {
namespace {

constexpr std::size_t kMostHeaderBytes = 64 << 10;

struct Receiver {
  HttpAnswer& answer;
  std::uint64_t most_bytes;
  std::size_t header_bytes = 0;
  bool too_much = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
  auto& receiver = *static_cast<Receiver*>(to);
  receiver.too_much = receiver.answer.body.size() + size * count > receiver.most_bytes;
  if (receiver.too_much) return 0;
  receiver.answer.body.append(data, size * count);
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to) {
  auto& receiver = *static_cast<Receiver*>(to);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) receiver.answer.headers.clear();  // after "100 Continue"
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  receiver.header_bytes += line.size();
  receiver.too_much = receiver.header_bytes > kMostHeaderBytes;
  if (receiver.too_much) return 0;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  receiver.answer.headers[name] = std::string(kit::without_margins(line.substr(colon + 1)));
  return line.size();
}

int watch_progress(void* cancelled, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<const std::function<bool()>*>(cancelled))() ? 1 : 0;
}

long whole_seconds(std::chrono::milliseconds time) {
  return static_cast<long>(std::max<std::int64_t>(1, (time.count() + 999) / 1000));
}

}  // namespace

std::string_view HttpAnswer::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

Http::Http(std::string ca_bundle, std::function<bool()> cancelled)
    : ca_bundle_(std::move(ca_bundle)), cancelled_(std::move(cancelled)) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Http::~Http() {
  for (void* handle : idle_) curl_easy_cleanup(handle);
}

void* Http::take_handle() {
  {
    const kit::Lock lock(mutex_);
    if (!idle_.empty()) {
      void* handle = idle_.back();
      idle_.pop_back();
      return handle;
    }
  }
  void* handle = curl_easy_init();
  if (handle == nullptr) throw sdk::Error(KTSTR_INTERNAL, "libcurl cannot be set up");
  return handle;
}

void Http::give_back(void* handle) {
  curl_easy_reset(handle);                         // keeps the connection
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);  // also when it is cleaned up
  const kit::Lock lock(mutex_);
  idle_.push_back(handle);
}

HttpAnswer Http::perform(const HttpRequest& request) {
  const std::unique_ptr<void, std::function<void(void*)>> handle(take_handle(),
                                                                 [this](void* h) { give_back(h); });
  CURL* const curl = handle.get();
  HttpAnswer answer;
  Receiver receiver{answer, request.most_bytes};
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // signals belong to the host
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "ktstr");
  if (!ca_bundle_.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, ca_bundle_.c_str());
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, whole_seconds(request.silence));
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &cancelled_);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiver);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiver);
  if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : request.headers) list = curl_slist_append(list, header.c_str());
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(list, curl_slist_free_all);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  const CURLcode done = curl_easy_perform(curl);
  if (done == CURLE_ABORTED_BY_CALLBACK) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (done == CURLE_OK)
    answer.status = static_cast<int>(status);
  else
    answer.error = receiver.too_much ? "the answer is too large"
                                     : printable(why[0] != '\0' ? why : curl_easy_strerror(done));
  return answer;
}

}  // namespace ktstr::s3_store
