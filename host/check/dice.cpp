// SPDX-License-Identifier: Apache-2.0
#include "check/dice.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/utf8.hpp>
#include <limits>

#include "support/json.hpp"

namespace ktstr {
namespace {

using Limits = std::numeric_limits<double>;

constexpr std::array kOddNumbers = {0.0,
                                    -0.0,
                                    1.0,
                                    -1.0,
                                    0.1,
                                    1.0 / 3,
                                    9007199254740993.0,
                                    Limits::epsilon(),
                                    Limits::min(),
                                    Limits::denorm_min(),
                                    -Limits::denorm_min(),
                                    Limits::max(),
                                    Limits::lowest(),
                                    Limits::max() / 2,
                                    Limits::infinity(),
                                    -Limits::infinity(),
                                    Limits::quiet_NaN()};

const std::array<std::string, 16> kOddTexts = {"",
                                               " ",
                                               "p99_wake_latency_us",
                                               "\x1b[31mred\x1b]0;title\x07",
                                               "\xff\xfe\xc0",
                                               "]]></failure><script>x()</script>",
                                               "::error::x\n::stop::\r\n",
                                               std::string("a\0b", 3),
                                               "%s%n%n%s",
                                               "| ` \\ \"' $(x) ; & \t",
                                               "\xe2\x80\xae\xe2\x81\xa6",
                                               "../x",
                                               "/dev/null",
                                               "-rf",
                                               "{\"a\": [1e999, null]}",
                                               "\xed\xa0\x80\xf4\x90\x80\x80"};

constexpr std::array<std::string_view, 12> kKeys = {"verdict", "headline", "error", "tests",
                                                    "counts",  "warnings", "rows",  "gates",
                                                    "message", "kernel",   "notes", "x"};

constexpr unsigned kDeepest = 6;

}  // namespace

Dice::Dice(std::uint64_t seed, std::uint64_t number) {
  const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  std::seed_seq words{low(seed), high(seed), low(number), high(number)};
  engine_.seed(words);
}

std::size_t Dice::how_many(std::size_t most) {
  KTSTR_ASSERT(most > 0);
  if (one_in(6)) return 0;
  if (one_in(20)) return up_to(most);
  return std::min<std::size_t>(most, 1 + up_to(7));
}

double Dice::number() {
  if (one_in(3)) return of(kOddNumbers);
  if (one_in(3)) return measured();
  const std::uint64_t bits = any();
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

double Dice::measured() {
  if (one_in(8)) {
    const double odd = of(kOddNumbers);
    return std::isfinite(odd) ? odd : 0.0;
  }
  const double size = std::ldexp(1.0, static_cast<int>(up_to(60)) - 20);
  return size * (1 + static_cast<double>(up_to(1000)) / 1000) * (one_in(10) ? -1 : 1);
}

std::string Dice::text() {
  if (!one_in(4)) return of(kOddTexts);
  std::string bytes;
  const std::size_t length = one_in(30) ? up_to(20000) : up_to(40);
  for (std::size_t i = 0; i < length; ++i) bytes.push_back(static_cast<char>(any()));
  return bytes;
}

std::string Dice::value(unsigned depth) {
  const std::uint64_t kind = up_to(depth < kDeepest ? 6 : 4);
  if (kind == 0) return "null";
  if (kind == 1) return one_in(2) ? "true" : "false";
  if (kind == 2) return std::to_string(static_cast<std::int64_t>(any()));
  if (kind == 3) return one_in(4) ? "1e308" : "-0.25";
  if (kind == 4) return to_text(json::value(valid_utf8(text())), 0);
  std::string out(1, kind == 5 ? '[' : '{');
  for (std::size_t left = how_many(30), i = 0; i < left; ++i) {
    if (i > 0) out += ',';
    if (kind == 6) out += '"' + std::string(of(kKeys)) + "\":";
    out += value(depth + 1);
  }
  return out + (kind == 5 ? ']' : '}');
}

std::string Dice::document() {
  if (one_in(6)) return of(std::array<std::string, 4>{"", "{", "[1]", "{}"});
  std::string out = "{\"" + std::string(of(kKeys)) + "\":" + value(0) + "}";
  if (one_in(8)) out.resize(up_to(out.size()));  // cut off in the middle
  return valid_utf8(out);
}

std::uint32_t Dice::flags() {
  if (one_in(4)) return static_cast<std::uint32_t>(any());
  return one_in(3) ? 0 : 1U << up_to(4);
}

}  // namespace ktstr
