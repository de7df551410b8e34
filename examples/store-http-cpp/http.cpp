// SPDX-License-Identifier: Apache-2.0
#include "http.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <ktstr/sdk.hpp>
#include <memory>
#include <mutex>

namespace http_store {
namespace {

using ktstr::sdk::Error;

constexpr long kConnectSeconds = 10, kSlowSeconds = 60;  // a request without a byte for so long is given up

std::size_t take(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

int watch(void* cancelled, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<const std::function<bool()>*>(cancelled))() ? 1 : 0;
}

template <typename Number>
Number number_of(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Server::Server(std::string url, std::function<bool()> cancelled)
    : url_(std::move(url)), cancelled_(std::move(cancelled)) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  while (!url_.empty() && url_.back() == '/') url_.pop_back();
}

std::string Server::url(const std::string& path) const {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out = url_ + '/';
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      (out += '%') += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

Connection::Connection(const Server& server) : server_(server), curl_(curl_easy_init(), curl_easy_cleanup) {
  if (!curl_) throw Error(KTSTR_INTERNAL, "libcurl cannot be set up");
}

Answer Connection::request(const char* method, const std::string& path, const std::string_view* body,
                           const char* condition) {
  CURL* const curl = curl_.get();
  curl_easy_reset(curl);  // keeps the connection
  const std::string url = server_.url(path);
  Answer answer;
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // signals belong to the host
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSlowSeconds);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &server_.cancelled());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  if (body != nullptr) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data());
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(
      curl_slist_append(condition == nullptr ? nullptr : curl_slist_append(nullptr, condition), "Expect:"),
      curl_slist_free_all);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  const CURLcode done = curl_easy_perform(curl);
  if (done == CURLE_ABORTED_BY_CALLBACK) throw Error(KTSTR_CANCELLED, "interrupted");
  if (done != CURLE_OK)
    throw Error(KTSTR_UNAVAILABLE, url + ": " + (why[0] != '\0' ? why : curl_easy_strerror(done)),
                "is the server running, and is \"url\" right?");
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  if (answer.status >= 500 || answer.status == 401 || answer.status == 403)
    throw Error(KTSTR_IO, url + ": " + method + " was answered with " + std::to_string(answer.status));
  return answer;
}

std::vector<Entry> Server::list(const std::string& path, bool& exists) const {
  const Answer answer = get(path.empty() ? path : path + '/');
  exists = answer.status == 200;
  std::vector<Entry> entries;
  std::string_view rest = exists ? std::string_view(answer.body) : std::string_view();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos || first == 0)
      throw Error(KTSTR_BAD_DATA, url(path) + "/: the answer is no list of files",
                  "is this the server that belongs to the store?");
    Entry entry;
    entry.directory = line[first - 1] == '/';
    entry.name = line.substr(0, first - (entry.directory ? 1 : 0));
    entry.bytes = number_of<std::uint64_t>(line.substr(first + 1, second - first - 1));
    entry.mtime_ns = number_of<std::int64_t>(line.substr(second + 1));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace http_store
