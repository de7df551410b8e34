// SPDX-License-Identifier: Apache-2.0
#include "guest/loader_cache.hpp"

#include <cstdint>
#include <cstring>

namespace ktstr::kvm {
namespace {

constexpr std::string_view kOldMagic = "ld.so-1.7.0", kMagic = "glibc-ld.so.cache1.1";
constexpr std::uint32_t kX8664Library =
    0x0303;  // a 64-bit library for x86-64 and the C library's sixth version

struct OldHeader {
  char magic[12];
  std::uint32_t count;
};
constexpr std::size_t kOldEntrySize = 12;

struct Header {
  char magic[20];
  std::uint32_t count, strings_size;
  std::uint8_t flags, unused1[3];
  std::uint32_t extension, unused2[3];
};
static_assert(sizeof(Header) == 48);

struct Entry {
  std::uint32_t flags, name, path, unused;
  std::uint64_t hwcap;  ///< not 0: for some CPUs only
};
static_assert(sizeof(Entry) == 24);

template <typename T>
bool take(std::string_view bytes, std::uint64_t offset, T& value) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return false;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return true;
}

std::string_view text_at(std::string_view bytes, std::uint32_t offset) {
  if (offset >= bytes.size()) return {};
  const std::string_view rest = bytes.substr(offset, 4096);
  const std::size_t end = rest.find('\0');
  return end == std::string_view::npos ? std::string_view{} : rest.substr(0, end);
}

}  // namespace

std::unordered_map<std::string, std::string> read_loader_cache(std::string_view bytes) {
  std::unordered_map<std::string, std::string> found;
  if (OldHeader old{}; bytes.starts_with(kOldMagic) && take(bytes, 0, old)) {
    const std::uint64_t end = (sizeof old + std::uint64_t{old.count} * kOldEntrySize + 7) / 8 * 8;
    bytes.remove_prefix(end < bytes.size() ? end : bytes.size());
  }
  Header header{};
  if (!bytes.starts_with(kMagic) || !take(bytes, 0, header)) return found;
  Entry entry{};
  for (std::uint64_t i = 0; i < header.count && take(bytes, sizeof header + i * sizeof entry, entry); ++i) {
    if (entry.flags != kX8664Library || entry.hwcap != 0) continue;
    const std::string_view name = text_at(bytes, entry.name), path = text_at(bytes, entry.path);
    if (!name.empty() && path.starts_with('/'))
      found.emplace(name, path);  // the first one wins, as for the loader
  }
  return found;
}

}  // namespace ktstr::kvm
