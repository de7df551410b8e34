// SPDX-License-Identifier: Apache-2.0
#include "object_name.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/random.hpp>
#include <ktstr/kit/text.hpp>
#include <vector>

namespace ktstr::s3_store {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's base 32
constexpr std::size_t kWriterSize = 26, kTimeDigits = 10, kHashSize = 16, kNumberDigits = 6;
constexpr std::string_view kRemovedEnd = "-removed", kDroppedEnd = "-dropped";

bool is_hash(std::string_view text) {
  return text.size() == kHashSize && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.size() < kNumberDigits || error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::string number_text(std::uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "%06llu", static_cast<unsigned long long>(number));
  return text;
}

bool read_begin(std::string_view text, WriterBegin& begin) {
  const std::vector<std::string> parts = kit::split(text, '-');
  if (parts.size() != 3 || parts[0].size() != 2 || !is_hash(parts[1]) || !is_hash(parts[2])) return false;
  const char mode = parts[0][0], extent = parts[0][1];
  if ((mode != 'k' && mode != 'p' && mode != 'c') || (extent != 'a' && extent != 'w')) return false;
  begin = {static_cast<Mode>(mode), extent == 'a', parts[1], parts[2]};
  return true;
}

/// The next of texts of that many digits; false when there is none.
bool increment(std::string& text, std::size_t from) {
  for (std::size_t i = text.size(); i-- > from;) {
    const std::size_t digit = kDigits.find(text[i]);
    if (digit + 1 < kDigits.size()) {
      text[i] = kDigits[digit + 1];
      return true;
    }
    text[i] = kDigits.front();
  }
  return false;
}

std::string joined(const std::vector<std::string>& parts, std::size_t from) {
  return kit::join(std::vector<std::string>(parts.begin() + static_cast<std::ptrdiff_t>(from), parts.end()),
                   "/");
}

/// What stands behind the writer.
bool read_rest(const std::vector<std::string>& parts, std::size_t at, ObjectName& name) {
  const std::string& word = parts[at];
  if (word == "begin") {
    name.kind = ObjectKind::kBegin;
    return parts.size() == at + 2 && read_begin(parts[at + 1], name.begin);
  }
  if (word == "end") {
    name.kind = ObjectKind::kEnd;
    name.name = joined(parts, at + 1);
    return true;
  }
  std::string_view digits = word;
  for (const auto& [end, kind] :
       {std::pair{kRemovedEnd, ObjectKind::kRemoved}, {kDroppedEnd, ObjectKind::kDropped}}) {
    if (!digits.ends_with(end)) continue;
    digits.remove_suffix(end.size());
    name.kind = kind;
  }
  const auto number = number_of(digits);
  if (!number) return false;
  name.number = *number;
  name.name = joined(parts, at + 1);
  return true;
}

}  // namespace

std::string short_hash(std::string_view text) {
  return text.empty() ? std::string(kNoHash) : kit::sha256_of(text).substr(0, kHashSize);
}

bool is_writer(std::string_view text) {
  return text.size() == kWriterSize && text.find_first_not_of(kDigits) == std::string_view::npos;
}

std::optional<ObjectName> parse_object_name(std::string_view key) {
  const bool in_session = key.starts_with(kSessionObjects);
  if (!in_session && !key.starts_with(kRuns)) return std::nullopt;
  const std::vector<std::string> parts = kit::split(key, '/');
  for (const std::string& part : parts) {
    if (part.empty() || part == "." || part == "..") return std::nullopt;
  }
  ObjectName name;
  if (in_session && parts.size() == 4 && parts[3] == kHoldName.substr(1)) {
    name.kind = ObjectKind::kHold;
    name.place = parts[0] + "/" + parts[1] + "/" + parts[2];
    return name;
  }
  // v1/runs/KEY/WRITER/…, v1/sessions/SESSION/WRITER/…, v1/sessions/SESSION/PASS/WRITER/…
  std::size_t at = 3;
  if (in_session && parts.size() > 4 && !is_writer(parts[3])) at = 4;
  if (parts.size() < at + 3 || !is_writer(parts[at])) return std::nullopt;
  name.writer = parts[at];
  name.place = kit::join(
      std::vector<std::string>(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(at)), "/");
  if (!read_rest(parts, at + 1, name)) return std::nullopt;
  return name;
}

std::string begin_name(const std::string& place, const std::string& writer, const WriterBegin& begin) {
  KTSTR_ASSERT(is_writer(writer) && is_hash(begin.inputs) && is_hash(begin.session));
  return place + "/" + writer + "/begin/" + static_cast<char>(begin.mode) + (begin.partial ? "a-" : "w-") +
         begin.inputs + "-" + begin.session;
}

std::string end_name(const std::string& place, const std::string& writer, bool complete) {
  KTSTR_ASSERT(is_writer(writer));
  return place + "/" + writer + "/end/" + (complete ? "complete" : "stopped");
}

std::string file_name(const std::string& place, const std::string& writer, std::uint64_t number,
                      std::string_view name) {
  KTSTR_ASSERT(is_writer(writer) && !name.empty());
  return place + "/" + writer + "/" + number_text(number) + "/" + std::string(name);
}

std::string removed_name(const std::string& place, const std::string& writer, std::uint64_t number,
                         std::string_view name) {
  KTSTR_ASSERT(is_writer(writer) && !name.empty());
  return place + "/" + writer + "/" + number_text(number) + std::string(kRemovedEnd) + "/" +
         std::string(name);
}

std::string dropped_name(const std::string& place, const std::string& writer, std::uint64_t number,
                         std::string_view object) {
  KTSTR_ASSERT(object.starts_with(place + "/"));
  return place + "/" + writer + "/" + number_text(number) + std::string(kDroppedEnd) + "/" +
         std::string(object.substr(place.size() + 1));
}

std::string new_writer(std::int64_t milliseconds, std::string_view after) {
  std::string id(kWriterSize, '0');
  auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(milliseconds, 0));
  for (std::size_t i = kTimeDigits; i-- > 0; time >>= 5U) id[i] = kDigits[time & 31U];
  const std::string random = kit::random_name() + kit::random_name();  // 32 hex digits
  for (std::size_t i = kTimeDigits; i < kWriterSize; ++i) {
    unsigned value = 0;
    std::from_chars(random.data() + 2 * (i - kTimeDigits), random.data() + 2 * (i - kTimeDigits) + 2, value,
                    16);
    id[i] = kDigits[value & 31U];
  }
  KTSTR_ASSERT(is_writer(id));
  if (id > after) return id;
  // A clock that is behind: one step further than the newest, so that what comes later sorts later.
  std::string next = std::string(after.substr(0, kTimeDigits));
  if (increment(next, 0)) id.replace(0, kTimeDigits, next);
  return id;
}

}  // namespace ktstr::s3_store
