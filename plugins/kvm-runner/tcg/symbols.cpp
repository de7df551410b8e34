// SPDX-License-Identifier: Apache-2.0
#include "tcg/symbols.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace ktstr::cost {
namespace {

constexpr std::uint64_t kLargestFunction = 64 << 10, kPage = 4096;
constexpr std::size_t kMostPrograms = 4096, kNameBytes = 128;

std::string_view next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

bool hexadecimal(std::string_view word, std::uint64_t& value) {
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
  return failed == std::errc{} && end == word.data() + word.size();
}

/// The guest may have written anything: what is no word would break the lines that names are written in.
bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

FunctionKind kind_of(std::string_view word) {
  return word == "e"   ? FunctionKind::kEntry
         : word == "r" ? FunctionKind::kReturns
         : word == "s" ? FunctionKind::kSwitches
                       : FunctionKind::kPlain;
}

}  // namespace

FunctionId Symbols::id_of(const std::string& name) {
  const auto [found, fresh] = ids_.try_emplace(name, static_cast<FunctionId>(names_.size()));
  if (fresh) names_.push_back(name);
  return found->second;
}

bool Symbols::parse(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view what = next_word(line);
    if (what == "bpf") {
      for (std::uint64_t* field : {&bpf_.head, &bpf_.node, &bpf_.start, &bpf_.end, &bpf_.name}) {
        if (!hexadecimal(next_word(line), *field)) return false;
      }
      continue;
    }
    Symbol symbol;
    symbol.starts = what != "p";
    symbol.kind = kind_of(what);
    if (!hexadecimal(next_word(line), symbol.address) || line.empty()) return false;
    symbol.function = id_of(std::string(line));
    if (!symbols_.empty() && symbol.address <= symbols_.back().address) return false;
    symbols_.push_back(symbol);
  }
  return !symbols_.empty();
}

/// Programs come and go, and others may be put where they were, so that nothing is remembered of them.
bool Symbols::find_bpf(std::uint64_t address, const GuestReader& read, Place& place) {
  if (bpf_.head == 0) return false;
  std::uint64_t node = 0;
  if (!read(bpf_.head, &node, sizeof node)) return false;
  for (std::size_t i = 0; i < kMostPrograms && node != bpf_.head; ++i) {
    const std::uint64_t entry = node - bpf_.node;
    std::uint64_t start = 0, end = 0;
    if (!read(entry + bpf_.start, &start, sizeof start) || !read(entry + bpf_.end, &end, sizeof end))
      return false;
    if (address >= start && address < end) {
      char name[kNameBytes] = {};
      if (!read(entry + bpf_.name, name, sizeof name - 1) || !is_name(name)) return false;
      place = {id_of(name), FunctionKind::kPlain, true, start, end};
      return true;
    }
    if (!read(node, &node, sizeof node)) return false;
  }
  return false;
}

Place Symbols::find(std::uint64_t address, const GuestReader& read) {
  const auto after =
      std::upper_bound(symbols_.begin(), symbols_.end(), address,
                       [](std::uint64_t value, const Symbol& one) { return value < one.address; });
  if (after != symbols_.begin() && address - (after - 1)->address < kLargestFunction) {
    const Symbol& found = *(after - 1);
    const std::uint64_t end = after == symbols_.end() ? found.address + kLargestFunction : after->address;
    return {found.function, found.kind, found.starts, found.address, end};
  }
  Place place;
  if (!find_bpf(address, read, place))
    place = {kNoFunction, FunctionKind::kPlain, false, 0, address / kPage * kPage + kPage};
  return place;
}

}  // namespace ktstr::cost
