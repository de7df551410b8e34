// SPDX-License-Identifier: Apache-2.0
#include "support/known_times.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

#include "support/details.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kMostNames = 500;
constexpr std::int64_t kLongest = 86'400'000;  // a day

json::object read_times(const std::filesystem::path& file) {
  const auto text = read_file(file, 1 << 20);
  return text ? kit::object_or_empty(*text) : json::object();
}

std::optional<std::int64_t> time_of(const json::object& times, const std::string& name) {
  const json::value* value = times.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double milliseconds = value->to_number<double>();
  if (!(milliseconds >= 0 && milliseconds <= static_cast<double>(kLongest))) return std::nullopt;
  return static_cast<std::int64_t>(milliseconds);
}

}  // namespace

std::optional<std::chrono::milliseconds> KnownTimes::of(const std::string& name) const {
  const auto known = time_of(read_times(file_), name);
  return known ? std::optional(std::chrono::milliseconds(*known)) : std::nullopt;
}

void KnownTimes::learn(const std::string& name, std::chrono::milliseconds took) const {
  json::object times = read_times(file_);
  const std::int64_t now = std::clamp<std::int64_t>(took.count(), 0, kLongest);
  const auto before = time_of(times, name);
  while (times.size() >= kMostNames) times.stable_erase(times.begin());
  times.stable_erase(name);  // to the end, as the one that was used last
  times[name] = before ? (*before + now) / 2 : now;
  KTSTR_ASSERT(times.size() <= kMostNames);
  const Status made = make_directories(file_.parent_path());
  const Status written = made ? write_file_atomically(file_, to_text(times, 0) + "\n") : made;
  if (!written) tell_debug("how long things take is not remembered: " + written.error().message);
}

}  // namespace ktstr
