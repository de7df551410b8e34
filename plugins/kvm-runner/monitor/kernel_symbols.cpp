// SPDX-License-Identifier: Apache-2.0
#include "monitor/kernel_symbols.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kvm {
namespace {

constexpr std::size_t kInfoBytes = 4096, kMostSymbols = 1 << 20, kSymbolBytes = 24, kTokens = 256,
                      kTokenBytes = 8 << 10;
constexpr std::uint64_t kLargestFunction = 64 << 10;

template <typename T>
T value_at(std::string_view bytes, std::size_t at) {
  T value{};
  if (at <= bytes.size() && bytes.size() - at >= sizeof value)
    std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// Length of the name there, in tokens; `at` moves to the first. 0: the names end.
std::size_t name_length(std::string_view names, std::size_t& at) {
  if (at >= names.size()) return 0;
  std::size_t length = static_cast<unsigned char>(names[at++]);
  if ((length & 0x80U) != 0 && at < names.size())
    length = (length & 0x7fU) | static_cast<std::size_t>(static_cast<unsigned char>(names[at++])) << 7U;
  return names.size() - at < length ? 0 : length;
}

}  // namespace

std::uint64_t vmcore_symbol(std::string_view info, std::string_view name) {
  const std::string line = "\nSYMBOL(" + std::string(name) + ")=";
  const std::size_t at = info.find(line);
  std::uint64_t value = 0;
  if (at != std::string_view::npos)
    std::from_chars(info.data() + at + line.size(), info.data() + info.size(), value, 16);
  return value;
}

KernelSymbols::KernelSymbols(const AddressSpace& space, std::uint64_t vmcoreinfo) {
  const auto info = space.read<std::uint64_t>(vmcoreinfo);
  if (!info || !read(space, space.read_bytes(*info, kInfoBytes))) symbols_.clear();
}

bool KernelSymbols::read(const AddressSpace& space, std::string_view info) {
  const auto place = [&](std::string_view name) { return vmcore_symbol(info, name); };
  const std::size_t count = space.read<std::uint32_t>(place("kallsyms_num_syms")).value_or(0);
  // Linux 7 has no base any more: each offset counts from its own place.
  const std::uint64_t base_place = place("kallsyms_relative_base"), offsets_place = place("kallsyms_offsets");
  const std::optional<std::uint64_t> base = space.read<std::uint64_t>(base_place);
  if (count == 0 || count > kMostSymbols || (base_place != 0 && !base)) return false;
  names_ = space.read_bytes(place("kallsyms_names"), count * kSymbolBytes);
  tokens_ = space.read_bytes(place("kallsyms_token_table"), kTokenBytes);
  token_index_ = space.read_bytes(place("kallsyms_token_index"), kTokens * 2);
  const std::string offsets = space.read_bytes(offsets_place, count * 4);
  if (offsets.size() != count * 4 || token_index_.size() != kTokens * 2) return false;
  // Kernels with CONFIG_KALLSYMS_ABSOLUTE_PERCPU count down from the base; their last symbol shows it.
  const bool down = base && value_at<std::int32_t>(offsets, (count - 1) * 4) < 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t name = at, length = name_length(names_, at);
    if (length == 0) return false;
    at += length;
    const auto offset = value_at<std::int32_t>(offsets, i * 4);
    if (down && offset >= 0) continue;  // of per-CPU data
    const auto distance = static_cast<std::uint64_t>(static_cast<std::int64_t>(offset));
    symbols_.push_back({!base  ? offsets_place + i * 4 + distance
                        : down ? *base - 1 - distance
                               : *base + static_cast<std::uint32_t>(offset),
                        name});
  }
  std::stable_sort(symbols_.begin(), symbols_.end(),
                   [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
  return true;
}

/// With its type in front.
std::string KernelSymbols::name_of(std::size_t at) const {
  const std::size_t length = name_length(names_, at);
  std::string name;
  for (std::size_t i = 0; i < length; ++i) {
    const auto token = static_cast<unsigned char>(names_[at + i]);
    const std::size_t begin = value_at<std::uint16_t>(token_index_, token * 2ULL);
    if (begin < tokens_.size()) {
      const std::string_view rest = std::string_view(tokens_).substr(begin);
      name += rest.substr(0, rest.find('\0'));
    }
  }
  return name;
}

namespace {

/// By the type that stands before a name.
bool is_code(const std::string& name) { return name.size() > 1 && std::strchr("tTwW", name[0]) != nullptr; }

}  // namespace

std::vector<KernelFunction> KernelSymbols::functions() const {
  std::vector<KernelFunction> found;
  for (const Symbol& symbol : symbols_) {
    if (!found.empty() && found.back().address == symbol.address) continue;
    if (const std::string name = name_of(symbol.name); is_code(name))
      found.push_back({symbol.address, name.substr(1)});
  }
  return found;
}

std::uint64_t KernelSymbols::address_of(std::string_view name) const {
  for (const Symbol& symbol : symbols_) {
    const std::string typed = name_of(symbol.name);
    if (std::string_view(typed).substr(std::min<std::size_t>(typed.size(), 1)) == name) return symbol.address;
  }
  return 0;
}

std::optional<std::string> KernelSymbols::function_at(std::uint64_t address) const {
  auto after = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                [](std::uint64_t value, const Symbol& one) { return value < one.address; });
  if (after == symbols_.begin()) return std::nullopt;
  const Symbol& found = *(after - 1);
  KTSTR_ASSERT(found.address <= address && found.name < names_.size());
  const std::string name = name_of(found.name);
  if (!is_code(name) || address - found.address > kLargestFunction) return std::nullopt;
  char offset[24];
  const auto [end, failed] = std::to_chars(offset, offset + sizeof offset, address - found.address, 16);
  return name.substr(1) + "+0x" + std::string(offset, end);
}

}  // namespace ktstr::kvm
