// SPDX-License-Identifier: Apache-2.0
//
// BPF's type information (Documentation/bpf/btf.rst), as a guest gave it: every byte may be wrong.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::kvm {

class BtfTypes {
 public:
  enum class Kind : std::uint8_t {
    kVoid,
    kInt,
    kPointer,
    kArray,
    kStruct,
    kUnion,
    kEnum,
    kForward,
    kTypedef,
    kVolatile,
    kConst,
    kRestrict,
    kFunction,
    kPrototype,
    kVariable,
    kSection,
    kFloat,
    kDeclTag,
    kTypeTag,
    kEnum64
  };
  struct Type {
    Kind kind = Kind::kVoid;
    std::string_view name;
    std::uint32_t count = 0;         ///< of members, values or variables
    std::uint32_t size_or_type = 0;  ///< what it is depends on the kind
    bool flag = false;               ///< of structs: offsets have bit sizes; of enums: values are signed
    std::size_t extra = 0;           ///< where what follows it begins
  };
  struct Member {
    std::string_view name;
    std::uint32_t type = 0;
    std::uint64_t bits = 0;      ///< offset
    std::uint32_t bit_size = 0;  ///< 0: that of its type
  };
  struct Array {
    std::uint32_t type = 0, count = 0;
  };

  /// Bytes that are no type information give one that knows no types. The bytes must outlive it.
  explicit BtfTypes(std::string_view bytes);

  /// Without typedefs and qualifiers; void where there is no such type.
  const Type& resolve(std::uint32_t id) const;
  const Type& at(std::uint32_t id) const { return id < types_.size() ? types_[id] : types_[0]; }
  /// Of a struct, union or section.
  Member member(const Type& type, std::uint32_t index) const;
  Array array(const Type& type) const;
  /// The encoding of an integer: bit 0 signed, 1 character, 2 bool.
  std::uint32_t encoding(const Type& type) const { return word(type.extra) >> 24U & 0xfU; }
  /// The name of an enumerator with this value; empty when it has none.
  std::string_view enumerator(const Type& type, std::uint64_t value) const;
  /// Bytes that a value of this type takes; 0 when that cannot be said.
  std::uint64_t size_of(std::uint32_t id, int depth = 0) const;

 private:
  std::uint32_t word(std::size_t at) const;
  std::string_view name_at(std::uint32_t offset) const;

  std::string_view data_, strings_;
  std::vector<Type> types_{Type{}};
};

}  // namespace ktstr::kvm
