// SPDX-License-Identifier: Apache-2.0
//
// Maps and global variables of the BPF programs that are loaded. Numbers are little-endian, of 1, 2, 4 or 8
// bytes.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ktstr::agent {

/// Which bytes of a value are meant.
struct BpfPlace {
  std::uint64_t offset = 0;
  std::uint64_t width = 0;  ///< 0: all from the offset on, which are 8 at most
};

/// Writes a number to a variable ("slice_ns") of the newest program that has one of this name. Empty, or what
/// went wrong.
std::string write_bpf_variable(const std::string& name, const BpfPlace& place, std::int64_t number);

/// Writes a number into the value that a map has at `key`, of every CPU where each has its own. A hash gets
/// the key when it lacks it; the rest of its value is 0 then.
std::string write_bpf_map(const std::string& map, std::uint64_t key, const BpfPlace& place,
                          std::int64_t number);

/// What a variable holds; nothing with `problem` set.
std::optional<std::int64_t> read_bpf_variable(const std::string& name, std::string& problem);

/// The first `most` keys of a map with the first up to 8 bytes of what it has there, summed over CPUs where
/// each has its own. Nothing with `problem` set.
using BpfEntries = std::vector<std::pair<std::uint64_t, std::int64_t>>;
std::optional<BpfEntries> read_bpf_map(const std::string& map, std::size_t most, std::string& problem);

/// What a map has at one key, in the same way; nothing with `problem` set.
std::optional<std::int64_t> read_bpf_entry(const std::string& map, std::uint64_t key, std::string& problem);

/// The number in `width` bytes of `bytes` from `offset` on; false, and nothing changes, outside of them.
bool put_number(std::string& bytes, const BpfPlace& place, std::int64_t number);
std::optional<std::int64_t> number_in(std::string_view bytes, const BpfPlace& place, bool is_signed);

}  // namespace ktstr::agent
