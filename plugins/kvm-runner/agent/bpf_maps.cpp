// SPDX-License-Identifier: Apache-2.0
#include "agent/bpf_maps.hpp"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <ktstr/kit/assert.hpp>

#include "agent/bpf_objects.hpp"
#include "agent/btf.hpp"
#include "agent/files.hpp"
#include "agent/result.hpp"
#include "protocol/cpu_list.hpp"

namespace ktstr::agent {
namespace {

constexpr std::uint32_t kLargestValue = 1U << 20U, kMostMapsSeen = 4096, kLargestBtf = 4U << 20U;

/// A map that is held open.
class OpenMap {
 public:
  OpenMap(int fd, const bpf_map_info& info) : fd_(fd), info_(info) {}
  OpenMap(OpenMap&& other) noexcept : fd_(std::exchange(other.fd_, -1)), info_(other.info_) {}
  OpenMap& operator=(OpenMap&& other) noexcept {
    std::swap(fd_, other.fd_);
    info_ = other.info_;
    return *this;
  }
  ~OpenMap() {
    if (fd_ >= 0) ::close(fd_);
  }

  const bpf_map_info& info() const { return info_; }
  std::string name() const { return {info_.name, ::strnlen(info_.name, sizeof info_.name)}; }
  bool per_cpu() const { return is_per_cpu_map(info_.type); }
  /// How far the value of one CPU is from that of the next, and how many there are.
  std::size_t stride() const { return (info_.value_size + 7U) / 8 * 8; }
  std::size_t copies() const {
    if (!per_cpu()) return 1;
    const std::vector<std::uint32_t> cpus =
        kvm::parse_cpu_list(read_text("/sys/devices/system/cpu/possible"));
    return cpus.empty() ? 1 : cpus.back() + 1;
  }
  std::string empty_value() const { return std::string(stride() * copies(), '\0'); }

  bool look_up(const std::string& key, std::string& value) const {
    KTSTR_ASSERT(key.size() == info_.key_size && value.size() >= info_.value_size);  // the kernel fills it
    bpf_attr attributes = element(key, value);
    return bpf_call(BPF_MAP_LOOKUP_ELEM, attributes) == 0;
  }
  bool update(const std::string& key, std::string& value) const {
    bpf_attr attributes = element(key, value);
    return bpf_call(BPF_MAP_UPDATE_ELEM, attributes) == 0;
  }
  /// The key that follows one; the first where `key` is empty.
  bool next_key(const std::string& key, std::string& next) const {
    bpf_attr attributes{};
    attributes.map_fd = static_cast<std::uint32_t>(fd_);
    attributes.key = key.empty() ? 0 : bpf_pointer(key.data());
    attributes.next_key = bpf_pointer(next.data());
    return bpf_call(BPF_MAP_GET_NEXT_KEY, attributes) == 0;
  }
  /// Changes the bytes of an array's first value in place: programs may be changing those beside them.
  bool write_in_place(std::size_t offset, std::string_view bytes) const {
    const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t size = (stride() * info_.max_entries + page - 1) / page * page;
    KTSTR_ASSERT(offset <= size && bytes.size() <= size - offset);
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (memory == MAP_FAILED) return false;
    std::memcpy(static_cast<char*>(memory) + offset, bytes.data(), bytes.size());
    ::munmap(memory, size);
    return true;
  }

 private:
  bpf_attr element(const std::string& key, std::string& value) const {
    bpf_attr attributes{};
    attributes.map_fd = static_cast<std::uint32_t>(fd_);
    attributes.key = bpf_pointer(key.data());
    attributes.value = bpf_pointer(value.data());
    return attributes;
  }

  int fd_;
  bpf_map_info info_;
};

/// Calls `look` with every map, the newest first, until it says true.
void each_map(const std::function<bool(OpenMap& map)>& look) {
  std::vector<std::uint32_t> ids;
  bpf_attr next{};
  while (ids.size() < kMostMapsSeen && bpf_call(BPF_MAP_GET_NEXT_ID, next) == 0) {
    ids.push_back(next.next_id);
    next.start_id = next.next_id;
  }
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    bpf_attr open{};
    open.map_id = *id;
    const int fd = bpf_call(BPF_MAP_GET_FD_BY_ID, open);
    if (fd < 0) continue;
    bpf_map_info info{};
    const bool told = bpf_info_of(fd, info);
    OpenMap map(fd, info);
    if (told && info.value_size <= kLargestValue && look(map)) return;
  }
}

std::string listed(std::vector<std::string> names) {
  constexpr std::size_t kMost = 20;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMost) text += ", …";
  return names.empty() ? "there are none" : "there are " + text;
}

struct FoundVariable {
  OpenMap map;
  std::uint32_t offset = 0, size = 0;
  bool is_signed = false;
};

std::optional<FoundVariable> find_variable(const std::string& name, std::string& problem) {
  std::optional<FoundVariable> found;
  std::vector<std::string> names;
  each_map([&](OpenMap& map) {
    if (map.info().type != BPF_MAP_TYPE_ARRAY || map.info().btf_value_type_id == 0) return false;
    const std::string bytes = bpf_btf_bytes(map.info().btf_id, kLargestBtf);
    for (const Btf::Variable& variable : Btf(bytes, {}).variables(map.info().btf_value_type_id)) {
      names.emplace_back(variable.name);
      const bool inside = variable.offset <= map.info().value_size &&
                          variable.size <= map.info().value_size - variable.offset;
      if (variable.name != name || !inside) continue;
      found.emplace(FoundVariable{std::move(map), variable.offset, variable.size, variable.is_signed});
      return true;
    }
    return false;
  });
  if (!found) problem = "no BPF program has a variable \"" + name + "\": " + listed(std::move(names));
  return found;
}

/// Maps keep 15 bytes of their names.
std::optional<OpenMap> find_map(const std::string& name, std::string& problem) {
  std::optional<OpenMap> found;
  std::vector<std::string> names;
  each_map([&](OpenMap& map) {
    names.push_back(map.name());
    if (map.name() != name.substr(0, BPF_OBJ_NAME_LEN - 1)) return false;
    found.emplace(std::move(map));
    return true;
  });
  if (!found) problem = "there is no BPF map \"" + name + "\": " + listed(std::move(names));
  return found;
}

std::string key_of(std::uint64_t number, std::uint32_t size) {
  std::string key(size, '\0');
  std::memcpy(key.data(), &number, std::min<std::size_t>(size, sizeof number));
  return key;
}

std::string failed(const std::string& what) {
  return errno == EPERM ? what + " is constant since its program was loaded"
                        : what + ": " + std::strerror(errno);
}

std::string outside(const std::string& what, std::uint64_t size) {
  return what + " has " + std::to_string(size) +
         " bytes: say with offset and width which 1, 2, 4 or 8 of them are meant";
}

}  // namespace

bool put_number(std::string& bytes, const BpfPlace& place, std::int64_t number) {
  if (place.offset >= bytes.size()) return false;
  const std::uint64_t width = place.width != 0 ? place.width : bytes.size() - place.offset;
  const bool sound = width == 1 || width == 2 || width == 4 || width == 8;
  if (!sound || width > bytes.size() - place.offset) return false;
  std::memcpy(bytes.data() + place.offset, &number, width);
  return true;
}

std::optional<std::int64_t> number_in(std::string_view bytes, const BpfPlace& place, bool is_signed) {
  if (place.offset >= bytes.size()) return std::nullopt;
  const std::uint64_t width = place.width != 0 ? place.width : bytes.size() - place.offset;
  if (width == 0 || width > 8 || width > bytes.size() - place.offset) return std::nullopt;
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + place.offset, width);
  const bool negative = is_signed && width < 8 && (number >> (width * 8 - 1) & 1U) != 0;
  if (negative) number |= ~std::uint64_t{0} << (width * 8);
  return static_cast<std::int64_t>(number);
}

std::string write_bpf_variable(const std::string& name, const BpfPlace& place, std::int64_t number) {
  std::string problem;
  const std::optional<FoundVariable> found = find_variable(name, problem);
  if (!found) return problem;
  std::string bytes(found->size, '\0');
  const std::string what = "the variable \"" + name + "\"";
  if (!put_number(bytes, place, number)) return outside(what, found->size);
  const std::uint64_t width = place.width != 0 ? place.width : bytes.size() - place.offset;
  if ((found->map.info().map_flags & BPF_F_MMAPABLE) != 0)
    return found->map.write_in_place(found->offset + place.offset,
                                     std::string_view(bytes).substr(place.offset, width))
               ? std::string()
               : failed(what);
  const std::string key = key_of(0, found->map.info().key_size);
  std::string value = found->map.empty_value();
  if (!found->map.look_up(key, value)) return failed(what);
  value.replace(found->offset + place.offset, width, bytes, place.offset, width);
  return found->map.update(key, value) ? std::string() : failed(what);
}

std::string write_bpf_map(const std::string& name, std::uint64_t number_of_key, const BpfPlace& place,
                          std::int64_t number) {
  std::string problem;
  const std::optional<OpenMap> map = find_map(name, problem);
  if (!map) return problem;
  const std::string what = "the map \"" + name + "\"";
  if (map->info().key_size > 8 || map->info().key_size == 0)
    return what + " has keys of " + std::to_string(map->info().key_size) +
           " bytes, and none that is a number";
  const std::string key = key_of(number_of_key, map->info().key_size);
  std::string value = map->empty_value();
  if (!map->look_up(key, value)) {
    if (errno != ENOENT) return failed(what);
    value = map->empty_value();
  }
  for (std::size_t copy = 0; copy < map->copies(); ++copy) {
    std::string one = value.substr(copy * map->stride(), map->info().value_size);
    if (!put_number(one, place, number)) return outside("a value of " + what, map->info().value_size);
    value.replace(copy * map->stride(), one.size(), one);
  }
  return map->update(key, value) ? std::string() : failed(what + " at " + std::to_string(number_of_key));
}

std::optional<std::int64_t> read_bpf_variable(const std::string& name, std::string& problem) {
  const std::optional<FoundVariable> found = find_variable(name, problem);
  if (!found) return std::nullopt;
  std::string value = found->map.empty_value();
  if (!found->map.look_up(key_of(0, found->map.info().key_size), value)) {
    problem = failed("the variable \"" + name + "\"");
    return std::nullopt;
  }
  const std::string_view bytes = std::string_view(value).substr(found->offset, found->size);
  return number_in(bytes, {0, std::min<std::uint64_t>(found->size, 8)}, found->is_signed);
}

namespace {

/// The first 8 bytes of a value, summed over CPUs.
std::int64_t sum_of(const OpenMap& map, const std::string& value) {
  std::uint64_t sum = 0;
  for (std::size_t copy = 0; copy < map.copies(); ++copy) {
    const std::string_view one = std::string_view(value).substr(copy * map.stride(), map.info().value_size);
    const auto more = number_in(one, {0, std::min<std::uint64_t>(one.size(), 8)}, false);
    sum += static_cast<std::uint64_t>(more.value_or(0));
  }
  return static_cast<std::int64_t>(sum);
}

std::optional<OpenMap> find_numbered_map(const std::string& name, std::string& problem) {
  std::optional<OpenMap> map = find_map(name, problem);
  if (!map || (map->info().key_size <= 8 && map->info().key_size > 0)) return map;
  problem = "the map \"" + name + "\" has no keys that are numbers";
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> read_bpf_entry(const std::string& name, std::uint64_t key, std::string& problem) {
  const std::optional<OpenMap> map = find_numbered_map(name, problem);
  if (!map) return std::nullopt;
  std::string value = map->empty_value();
  if (map->look_up(key_of(key, map->info().key_size), value)) return sum_of(*map, value);
  problem = failed("the map \"" + name + "\" at " + std::to_string(key));
  return std::nullopt;
}

std::optional<BpfEntries> read_bpf_map(const std::string& name, std::size_t most, std::string& problem) {
  const std::optional<OpenMap> map = find_numbered_map(name, problem);
  if (!map) return std::nullopt;
  BpfEntries entries;
  std::string key, next(map->info().key_size, '\0');
  while (entries.size() < most && map->next_key(key, next)) {
    key = next;
    std::string value = map->empty_value();
    if (!map->look_up(key, value)) continue;
    entries.emplace_back(static_cast<std::uint64_t>(*number_in(key, {}, false)), sum_of(*map, value));
  }
  return entries;
}

}  // namespace ktstr::agent
