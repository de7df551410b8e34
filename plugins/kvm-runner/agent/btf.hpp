// SPDX-License-Identifier: Apache-2.0
//
// As much of the kernel's type information (Documentation/bpf/btf.rst) as it takes to find members of
// structs.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::agent {

class Btf {
 public:
  /// Reads BTF from a buffer, which must outlive this, and remembers the structs called `names`. Bytes that
  /// are no BTF give a Btf that knows nothing; never reads outside `bytes`.
  Btf(std::string_view bytes, const std::vector<std::string_view>& names);

  std::optional<std::uint32_t> struct_id(std::string_view name) const;
  /// Offset in bytes; members of members without a name are found, too.
  std::optional<std::uint32_t> member_offset(std::string_view structure, std::string_view member) const;

  /// A global variable of a program, with where it lies in its section.
  struct Variable {
    std::string_view name;
    std::uint32_t offset = 0, size = 0;
    bool is_signed = false;  ///< a whole number that may be negative
  };
  /// Those of a section (".bss") by the number of its type; nothing when that is none.
  std::vector<Variable> variables(std::uint32_t section) const;

 private:
  struct Struct {
    std::uint32_t id = 0, members = 0;
    bool bit_fields = false;
    std::size_t at = 0;  ///< of its first member
  };
  std::optional<std::uint32_t> bits_to(const Struct& structure, std::string_view member, int depth,
                                       int& looks) const;
  std::optional<std::size_t> type_at(std::uint32_t id) const;
  std::optional<Struct> struct_of(std::uint32_t id) const;
  bool is_signed(std::uint32_t id) const;
  std::uint32_t word(std::size_t at) const;
  std::string_view name_at(std::uint32_t offset) const;

  std::string_view types_, strings_;
  std::map<std::string, Struct, std::less<>> structs_;
};

}  // namespace ktstr::agent
