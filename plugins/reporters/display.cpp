// SPDX-License-Identifier: Apache-2.0
#include "display.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/utf8.hpp>

namespace ktstr::reporters {

namespace {

std::string to_text(double value, std::chars_format format, int precision) {
  std::array<char, 400> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, precision);
  return result.ec == std::errc() ? std::string(buffer.data(), result.ptr) : "?";
}

std::string with_thousands(std::string digits) {
  const std::size_t end = std::min(digits.find('.'), digits.size());
  const std::size_t begin = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = end; at > begin + 3; at -= 3) digits.insert(at - 3, " ");
  return digits;
}

/// Significant digits without an exponent and without trailing zeros.
std::string rounded(double value, int significant) {
  KTSTR_ASSERT(significant > 0);
  const double size = std::fabs(value);
  if (size == 0) return "0";
  if (size >= 1e15 || size < 1e-6) return to_text(value, std::chars_format::scientific, significant - 1);
  const int magnitude = static_cast<int>(std::floor(std::log10(size)));
  const int decimals = std::max(0, significant - 1 - magnitude);
  std::string text = to_text(value, std::chars_format::fixed, decimals);
  if (text.find('.') != std::string::npos) {
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
  }
  return text;
}

}  // namespace

std::string number(double value) {
  if (!std::isfinite(value)) return "-";
  return with_thousands(rounded(value, 4));
}

std::string quantity(double value, std::string_view unit) {
  if (!std::isfinite(value)) return "-";
  constexpr std::array<std::pair<std::string_view, double>, 4> kTimes = {
      {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}}};
  for (const auto& [name, scale] : kTimes) {
    if (unit != name) continue;
    const double time = value * scale;
    std::size_t best = 0;
    while (best + 1 < kTimes.size() && std::fabs(time) >= kTimes[best + 1].second * 0.99995) ++best;
    if (time == 0) return "0 " + std::string(unit);
    const std::string shown(kTimes[best].first == "us" ? "µs" : kTimes[best].first);
    return with_thousands(rounded(time / kTimes[best].second, 4)) + " " + shown;
  }
  return number(value) + (unit.empty() ? "" : " " + printable(unit));
}

std::string relative_change(double fraction) {
  if (std::isnan(fraction)) return "-";
  if (std::isinf(fraction)) return fraction > 0 ? "from 0" : "below 0";
  if (fraction >= 9) return "x " + rounded(1 + fraction, 3);
  const double percent = fraction * 100;
  if (percent == 0) return "0 %";
  return (percent > 0 ? "+" : "") + rounded(percent, 3) + " %";
}

std::string probability(double p) {
  if (!std::isfinite(p)) return "-";
  return p < 0.001 ? "<0.001" : to_text(p, std::chars_format::fixed, 3);
}

std::string seconds(std::uint64_t nanoseconds) {
  return to_text(static_cast<double>(nanoseconds) / 1e9, std::chars_format::fixed, 3) + "s";
}

std::string count_of(std::uint64_t count, const std::string& one, const std::string& many) {
  return with_thousands(std::to_string(count)) + " " + (count == 1 ? one : many);
}

}  // namespace ktstr::reporters
