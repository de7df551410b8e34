// SPDX-License-Identifier: Apache-2.0
#include "select/partition.hpp"

#include <charconv>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

constexpr std::uint64_t kMostParts = 1'000'000;

/// A whole number and nothing else.
bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

Result<Partition> Partition::parse(const std::string& text) {
  const std::string_view all = text;
  const std::size_t colon = all.find(':'), slash = all.find('/');
  const std::string kind(all.substr(0, colon));
  const std::string what = "--partition " + printable(text) + ": ";
  const char* const hint = "slice:m/n or hash:m/n, such as slice:1/4 for the first of four parts";
  if (kind != "slice" && kind != "hash")
    return usage_error(what + "there is no kind \"" + printable(kind) + "\"" +
                           suggestion(kind == "count" ? "slice" : kind, {"slice", "hash"}),
                       hint);
  Partition partition;
  partition.kind = kind == "slice" ? Kind::kSlice : Kind::kHash;
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon ||
      !read_number(all.substr(colon + 1, slash - colon - 1), partition.part) ||
      !read_number(all.substr(slash + 1), partition.parts))
    return usage_error(what + "expected two whole numbers m/n behind the colon", hint);
  if (partition.part < 1 || partition.part > partition.parts || partition.parts > kMostParts)
    return usage_error(what + "parts are counted from 1 to n, and n is at most " + std::to_string(kMostParts),
                       hint);
  return partition;
}

bool Partition::has(std::size_t place, std::string_view name) const {
  KTSTR_ASSERT(part >= 1 && part <= parts);
  std::uint64_t key = place;
  if (kind == Kind::kHash) {
    const std::string sum = kit::sha256_of(name);
    std::from_chars(sum.data(), sum.data() + 16, key, 16);
  }
  return key % parts == part - 1;
}

std::string Partition::text() const {
  return std::string(kind == Kind::kSlice ? "slice:" : "hash:") + std::to_string(part) + "/" +
         std::to_string(parts);
}

}  // namespace ktstr
