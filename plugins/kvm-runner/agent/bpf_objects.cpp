// SPDX-License-Identifier: Apache-2.0
#include "agent/bpf_objects.hpp"

#include <unistd.h>

namespace ktstr::agent {

bool is_per_cpu_map(std::uint32_t type) {
  return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
         type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

std::string bpf_btf_bytes(std::uint32_t id, std::size_t most) {
  bpf_attr open{};
  open.btf_id = id;
  const int fd = id == 0 ? -1 : bpf_call(BPF_BTF_GET_FD_BY_ID, open);
  if (fd < 0) return {};
  std::string bytes(most, '\0');
  bpf_btf_info info{};
  info.btf = bpf_pointer(bytes.data());
  info.btf_size = static_cast<std::uint32_t>(bytes.size());
  const bool whole = bpf_info_of(fd, info) && info.btf_size <= bytes.size();
  ::close(fd);
  bytes.resize(whole ? info.btf_size : 0);
  return bytes;
}

}  // namespace ktstr::agent
