// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/text.hpp>
#include <random>
#include <thread>

namespace ktstr::s3_store {
namespace {

constexpr std::chrono::milliseconds kFirstPause{100}, kLongestPause{5'000};
constexpr std::int64_t kTolerated = 60;  // seconds that clocks may differ
constexpr std::size_t kRemoversAtOnce = 8;
constexpr std::uint64_t kMostListing = 16 << 20;
constexpr const char* kSum = "x-amz-meta-ktstr-sha256";

struct Remedy {
  std::string_view code, hint;
};
constexpr Remedy kRemedies[] = {
    {"NoSuchBucket", "make the bucket first, or correct its name"},
    {"AccessDenied",
     "these credentials may not do that: they need ListBucket, GetObject, PutObject and DeleteObject"},
    {"SignatureDoesNotMatch", "is AWS_SECRET_ACCESS_KEY right?"},
    {"InvalidAccessKeyId", "is AWS_ACCESS_KEY_ID right, and of this server?"},
    {"ExpiredToken", "get new credentials"},
    {"InvalidToken", "is AWS_SESSION_TOKEN right?"},
    {"RequestTimeTooSkewed", "set the clock of this machine"},
    {"PermanentRedirect", "name the bucket's region: AWS_REGION=REGION"},
    {"AuthorizationHeaderMalformed", "name the bucket's region: AWS_REGION=REGION"},
    {"InvalidBucketName", "is the bucket's name right?"},
};

std::int64_t local_time() { return static_cast<std::int64_t>(std::time(nullptr)); }

}  // namespace

Client::Client(const Options& options, Location location, Http& http, CredentialChain& credentials)
    : options_(options), location_(std::move(location)), http_(http), credentials_(credentials) {}

std::int64_t Client::now() const { return local_time() + ahead_; }

void Client::learn_time(const HttpAnswer& answer) {
  const std::string date(answer.header("date"));
  const time_t server = date.empty() ? -1 : curl_getdate(date.c_str(), nullptr);
  if (server < 0) return;
  const std::int64_t ahead = static_cast<std::int64_t>(server) - local_time();
  ahead_ = std::llabs(ahead) > 2 ? ahead : 0;  // the header tells whole seconds
}

HttpAnswer Client::attempt(const Call& call) {
  const Keys keys = credentials_.get().keys;
  const std::string path = location_.path_prefix + "/" +
                           (call.key.empty() ? "" : percent_encoded(location_.full_key(call.key), true));
  const std::string query = canonical_query(call.query), date = amz_date(now());
  const std::string sum = kit::sha256_of(call.body);
  Pairs headers = call.headers;
  headers.emplace_back("host", location_.host);
  headers.emplace_back("x-amz-content-sha256", sum);
  headers.emplace_back("x-amz-date", date);
  if (!keys.token.empty()) headers.emplace_back("x-amz-security-token", keys.token);
  HttpRequest request;
  request.method = call.method;
  request.url = location_.origin + path + (query.empty() ? "" : "?" + query);
  request.body = call.body;
  request.silence = options_.patience;
  if (!call.query.empty()) request.most_bytes = kMostListing;
  for (const auto& [name, value] : headers) request.headers.push_back(name + ": " + value);
  request.headers.push_back("Authorization: " + authorization({call.method, path, query, headers, sum}, keys,
                                                              location_.region, date));
  const HttpAnswer answer = http_.perform(request);
  silent_ = answer.status == 0;
  return answer;
}

/// Whether another attempt may end otherwise.
bool Client::again(const HttpAnswer& answer) {
  if (answer.status == 0 || answer.status == 429 || answer.status >= 500) return answer.status != 501;
  if (answer.status == 409) return parse_server_error(answer.body).code != "BucketAlreadyExists";
  if (answer.status == 408) return true;
  if (answer.status != 400 && answer.status != 403) return false;
  const std::string code = parse_server_error(answer.body).code;
  if (code == "ExpiredToken") credentials_.forget();
  const bool skewed = code == "RequestTimeTooSkewed" && std::llabs(ahead_) > kTolerated;
  return skewed || code == "ExpiredToken" || code == "RequestTimeout" || code == "SlowDown";
}

/// Full jitter: writers that were refused together do not come back together.
void Client::pause(unsigned tried, const HttpAnswer& answer) const {
  const std::int64_t most =
      std::min<std::int64_t>(kLongestPause.count(), kFirstPause.count() << std::min(tried, 10U));
  static thread_local std::minstd_rand random(std::random_device{}());
  std::int64_t wait = std::uniform_int_distribution<std::int64_t>(0, most)(random);
  std::int64_t asked = 0;
  const std::string_view after = answer.header("retry-after");
  std::from_chars(after.data(), after.data() + after.size(), asked);
  wait = std::max(wait, std::min<std::int64_t>(asked * 1000, kLongestPause.count()));
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait);
  while (std::chrono::steady_clock::now() < end) {
    if (options_.cancelled()) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(std::chrono::milliseconds(20),
                                                                   end - std::chrono::steady_clock::now()));
  }
}

HttpAnswer Client::send(const Call& call) {
  // A server that just did not answer is asked once: a test that ends must not wait for it again and again.
  const unsigned most = silent_ ? 1 : options_.attempts;
  for (unsigned tried = 0;; ++tried) {
    HttpAnswer answer = attempt(call);
    learn_time(answer);
    if (tried + 1 >= most || !again(answer)) return answer;
    pause(tried, answer);
  }
}

void Client::fail(const Call& call, const HttpAnswer& answer) const {
  const std::string what = call.query.empty() ? call.method : "listing";
  const std::string where = location_.shown(call.key) + " at " + location_.origin;
  if (answer.status == 0) {
    throw sdk::Error(KTSTR_UNAVAILABLE, where + ": " + what + " was not answered: " + answer.error,
                     "does the server run, and is the endpoint right (AWS_ENDPOINT_URL_S3)?");
  }
  const ServerError error = parse_server_error(answer.body);
  std::string hint;
  for (const Remedy& remedy : kRemedies) {
    if (remedy.code == error.code) hint = remedy.hint;
  }
  const std::string region =
      error.region.empty() ? printable_start(answer.header("x-amz-bucket-region"), 40) : error.region;
  if (!region.empty() && region != location_.region)
    hint = "the bucket is in another region: AWS_REGION=" + region;
  const std::string more = error.code.empty() ? "" : " " + error.code;
  const bool busy = answer.status == 429 || answer.status >= 500;
  // Without its bucket an object is not missing, but unknown.
  const bool gone = answer.status == 404 && !call.key.empty() && error.code != "NoSuchBucket";
  throw sdk::Error(gone   ? KTSTR_NOT_FOUND
                   : busy ? KTSTR_UNAVAILABLE
                          : KTSTR_IO,
                   where + ": " + what + " was answered with " + std::to_string(answer.status) + more +
                       (error.message.empty() ? "" : ": " + error.message),
                   hint);
}

HttpAnswer Client::store(const std::string& key, std::string_view bytes, bool only_new) {
  const bool json = key.ends_with(".json");
  Call call{
      "PUT", key, {}, {{"content-type", json ? "application/json" : "application/octet-stream"}}, bytes};
  call.headers.emplace_back(kSum, kit::sha256_of(bytes));
  if (only_new && conditional_) {
    Call conditional = call;
    conditional.headers.emplace_back("if-none-match", "*");
    HttpAnswer answer = send(conditional);
    const std::string code = answer.status == 400 ? parse_server_error(answer.body).code : "";
    const bool unknown = answer.status == 501 || code == "NotImplemented" || code == "InvalidArgument" ||
                         code == "InvalidRequest";
    if (!unknown) {
      if (answer.status != 200 && answer.status != 412) fail(call, answer);
      return answer;
    }
    conditional_ = false;
  }
  HttpAnswer answer = send(call);
  if (answer.status != 200) fail(call, answer);
  return answer;
}

Client::Made Client::make(const std::string& key, std::string_view bytes) {
  if (store(key, bytes, true).status != 412) return Made::kNew;
  return get(key) == bytes ? Made::kSame : Made::kOther;
}

void Client::put(const std::string& key, std::string_view bytes) { store(key, bytes, false); }

std::string Client::get(const std::string& key) {
  const Call call{"GET", key, {}, {}, {}};
  HttpAnswer answer = send(call);
  if (answer.status != 200) fail(call, answer);
  const std::string_view sum = answer.header(kSum);
  if (!sum.empty() && sum != kit::sha256_of(answer.body)) {
    throw sdk::Error(KTSTR_IO, location_.shown(key) + " is not what was stored: its SHA-256 is another",
                     "somebody changed it, or the server damaged it");
  }
  return std::move(answer.body);
}

void Client::remove(const std::string& key) {
  const Call call{"DELETE", key, {}, {}, {}};
  const HttpAnswer answer = send(call);
  const bool gone = answer.status == 404 && parse_server_error(answer.body).code != "NoSuchBucket";
  if (answer.status != 204 && answer.status != 200 && !gone) fail(call, answer);
}

void Client::remove_all(const std::vector<std::string>& keys) {
  std::atomic<std::size_t> next{0};
  kit::Mutex mutex;
  std::exception_ptr failed;
  const auto work = [&] {
    for (std::size_t i = next++; i < keys.size(); i = next++) {
      try {
        remove(keys[i]);
      } catch (...) {
        const kit::Lock lock(mutex);
        if (!failed) failed = std::current_exception();
        next = keys.size();
      }
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(kRemoversAtOnce, keys.size()); ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (failed) std::rethrow_exception(failed);
}

std::vector<ListedObject> Client::list(const std::string& prefix) {
  const std::string base = location_.bucket.prefix.empty() ? "" : location_.bucket.prefix + "/";
  std::vector<ListedObject> objects;
  std::string token;
  do {
    Call call{"GET", "", {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", base + prefix}}, {}, {}};
    if (!token.empty()) call.query.emplace_back("continuation-token", token);
    const HttpAnswer answer = send(call);
    if (answer.status != 200) fail(call, answer);
    ListPage page = parse_list_page(answer.body);
    for (ListedObject& object : page.objects) {
      if (!object.key.starts_with(base + prefix)) continue;  // a server that lists what nobody asked for
      object.key.erase(0, base.size());
      objects.push_back(std::move(object));
    }
    if (page.next == token && !token.empty())
      throw sdk::Error(KTSTR_IO, "the server's listing comes to no end: it says the same page again");
    token = std::move(page.next);
  } while (!token.empty());
  return objects;
}

}  // namespace ktstr::s3_store
