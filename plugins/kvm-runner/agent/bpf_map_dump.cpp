// SPDX-License-Identifier: Apache-2.0
#include "agent/bpf_map_dump.hpp"

#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <ktstr/kit/utf8.hpp>
#include <set>
#include <string>
#include <vector>

#include "agent/bpf_objects.hpp"
#include "agent/files.hpp"
#include "agent/result.hpp"
#include "protocol/cpu_list.hpp"

namespace ktstr::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostMaps = 64, kMostMapEntries = 16, kMostBytesOfMap = 8 << 10,
                      kMostMapBytes = 96 << 10, kMostBtf = 256 << 10;

template <typename Bytes>
std::string hex_text(const Bytes& bytes, std::size_t size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

/// Maps whose keys can be gone through and whose values are plain bytes.
bool is_readable(std::uint32_t type) {
  return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_LRU_HASH ||
         is_per_cpu_map(type);
}

/// [key, value] of the first entries, as many as fit into `room` bytes, which shrinks.
json::array entries_of(int fd, const bpf_map_info& info, std::size_t cpus, std::size_t& room) {
  const std::size_t value_size =
      is_per_cpu_map(info.type) ? (info.value_size + 7) / 8 * 8 * cpus : info.value_size;
  constexpr std::size_t kLargestValue = 4 << 20;
  json::array entries;
  if (value_size == 0 || value_size > kLargestValue || info.key_size > kMostBytesOfMap) return entries;
  std::vector<unsigned char> key(info.key_size), next(info.key_size), value(value_size);
  std::size_t left = std::min(room, kMostBytesOfMap);
  for (bool first = true; entries.size() < kMostMapEntries && left > 0; first = false) {
    bpf_attr step{};
    step.map_fd = static_cast<std::uint32_t>(fd);
    step.key = first ? 0 : bpf_pointer(key.data());
    step.next_key = bpf_pointer(next.data());
    if (bpf_call(BPF_MAP_GET_NEXT_KEY, step) != 0) break;
    key = next;
    bpf_attr look{};
    look.map_fd = static_cast<std::uint32_t>(fd);
    look.key = bpf_pointer(key.data());
    look.value = bpf_pointer(value.data());
    if (bpf_call(BPF_MAP_LOOKUP_ELEM, look) != 0) continue;
    const std::size_t taken = std::min(value_size, left);
    left -= taken, room -= taken;
    entries.emplace_back(json::array{hex_text(key, key.size()), hex_text(value, taken)});
  }
  return entries;
}

}  // namespace

json::object read_bpf_maps() {
  const std::size_t cpus =
      std::max<std::size_t>(kvm::parse_cpu_list(read_text("/sys/devices/system/cpu/possible")).size(), 1);
  json::array maps;
  std::set<std::uint32_t> types;
  std::size_t room = kMostMapBytes;
  bpf_attr next{};
  while (maps.size() < kMostMaps && bpf_call(BPF_MAP_GET_NEXT_ID, next) == 0) {
    bpf_attr open{};
    open.map_id = next.start_id = next.next_id;
    const int fd = bpf_call(BPF_MAP_GET_FD_BY_ID, open);
    if (fd < 0) continue;
    bpf_map_info info{};
    if (bpf_info_of(fd, info)) {
      json::array entries = is_readable(info.type) ? entries_of(fd, info, cpus, room) : json::array();
      if (!entries.empty()) types.insert(info.btf_id);
      maps.emplace_back(
          json::object{{"name", valid_utf8({info.name, ::strnlen(info.name, sizeof info.name)})},
                       {"type", info.type},
                       {"key_size", info.key_size},
                       {"value_size", info.value_size},
                       {"max_entries", info.max_entries},
                       {"btf", info.btf_id},
                       {"key_type", info.btf_key_type_id},
                       {"value_type", info.btf_value_type_id},
                       {"entries", std::move(entries)}});
    }
    ::close(fd);
  }
  json::object btf;
  std::size_t size = 0;
  for (const std::uint32_t id : types) {
    const std::string bytes = size > kMostBtf ? std::string() : bpf_btf_bytes(id, kMostBtf);
    size += bytes.size() * 2;
    if (!bytes.empty()) btf[std::to_string(id)] = hex_text(bytes, bytes.size());
  }
  return {{"maps", std::move(maps)}, {"btf", std::move(btf)}};
}

}  // namespace ktstr::agent
