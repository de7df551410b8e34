// SPDX-License-Identifier: Apache-2.0
#include "check/arena.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <new>

namespace ktstr {

Arena::Arena(Mode mode) : mode_(mode), inputs_(map()), outputs_(map()) {}

Arena::~Arena() {
  for (char* start : mapped_) ::munmap(start, kRegion);
}

Arena::Region Arena::map() {
  void* start = ::mmap(nullptr, kRegion, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) throw std::bad_alloc();
  mapped_.push_back(static_cast<char*>(start));
  return {mapped_.back(), 0};
}

void* Arena::bytes(Region& region, const void* from, std::size_t count) {
  KTSTR_ASSERT(region.used + count + 8 <= kRegion);  // cases know how much they put in
  char* at = region.start + region.used;
  region.used += (count + 7) / 8 * 8;
  if (from == nullptr) {
    std::memset(at, kCanary, count);
  } else if (count > 0) {
    std::memcpy(at, from, count);
  }
  return at;
}

ktstr_str Arena::text(std::string_view text) {
  return {static_cast<const char*>(bytes(inputs_, text.data(), text.size())), text.size()};
}

void Arena::call_begins() {
  if (mode_ == Mode::kReadOnly) ::mprotect(inputs_.start, kRegion, PROT_READ);
}

void Arena::call_ends() {
  if (mode_ == Mode::kReadOnly) ::mprotect(inputs_.start, kRegion, PROT_READ | PROT_WRITE);
  if (mode_ != Mode::kBorrowed) return;
  ::mprotect(inputs_.start, kRegion, PROT_NONE);
  inputs_ = map();
}

bool Arena::intact() const {
  return std::all_of(guards_.begin(), guards_.end(), [](const unsigned char* guard) {
    return std::all_of(guard, guard + kTail, [](unsigned char byte) { return byte == kCanary; });
  });
}

}  // namespace ktstr
