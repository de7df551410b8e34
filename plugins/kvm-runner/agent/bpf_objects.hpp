// SPDX-License-Identifier: Apache-2.0
//
// Objects of the kernel's BPF by their numbers: what maps and type information have in common.
#pragma once
#include <linux/bpf.h>

#include <cstdint>
#include <string>

#include "agent/bpf_call.hpp"

namespace ktstr::agent {

inline std::uint64_t bpf_pointer(const void* bytes) { return reinterpret_cast<std::uintptr_t>(bytes); }

/// What the kernel tells of an object that is open; the same call for every kind. False on failure.
template <typename Info>
bool bpf_info_of(int fd, Info& info) {
  bpf_attr get{};
  get.info.bpf_fd = static_cast<std::uint32_t>(fd);
  get.info.info_len = sizeof info;
  get.info.info = bpf_pointer(&info);
  return bpf_call(BPF_OBJ_GET_INFO_BY_FD, get) == 0;
}

/// Whether each CPU has a value of its own in such a map (BPF_MAP_TYPE_…).
bool is_per_cpu_map(std::uint32_t type);

/// The type information with this number; empty when there is none, or more than `most` bytes of it.
std::string bpf_btf_bytes(std::uint32_t id, std::size_t most);

}  // namespace ktstr::agent
