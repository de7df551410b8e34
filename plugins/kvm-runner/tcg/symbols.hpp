// SPDX-License-Identifier: Apache-2.0
//
// Which function an address of the guest's kernel belongs to: the kernel's own by the table that the runner
// has written, BPF programs by the kernel's list of them, read from the guest's memory each time code of
// theirs is translated.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tcg/call_tree.hpp"

namespace ktstr::cost {

/// The function that an address lies in, and where its piece of code begins and ends.
struct Place {
  FunctionId function = kNoFunction;
  FunctionKind kind = FunctionKind::kPlain;
  bool starts = false;  ///< whether `begin` is where it starts
  std::uint64_t begin = 0, end = 0;
};

/// Reads so many bytes of the guest at a kernel address; false where no memory is.
using GuestReader = std::function<bool(std::uint64_t address, void* to, std::size_t size)>;

class Symbols {
 public:
  /// Reads what symbols_text() of the runner has written; false when it is not that.
  bool parse(std::string_view text);

  Place find(std::uint64_t address, const GuestReader& read);
  const std::vector<std::string>& names() const {
    return names_;
  }  ///< by FunctionId; of BPF programs as well

 private:
  struct Symbol {
    std::uint64_t address = 0;
    FunctionId function = kNoFunction;
    FunctionKind kind = FunctionKind::kPlain;
    bool starts = false;
  };
  struct BpfList {
    std::uint64_t head = 0, node = 0, start = 0, end = 0, name = 0;  ///< address, and offsets in an entry
  };
  FunctionId id_of(const std::string& name);
  bool find_bpf(std::uint64_t address, const GuestReader& read, Place& place);

  std::vector<Symbol> symbols_;  ///< by address
  std::vector<std::string> names_{"[code without a symbol]"};
  std::unordered_map<std::string, FunctionId> ids_;
  BpfList bpf_;
};

}  // namespace ktstr::cost
