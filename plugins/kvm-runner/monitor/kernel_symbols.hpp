// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own table of symbols (kallsyms), read out of a guest's memory. Where it lies the kernel tells
// those who analyse crashes (vmcoreinfo, Linux 6.0).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/guest_ram.hpp"

namespace ktstr::kvm {

struct KernelFunction {
  std::uint64_t address = 0;
  std::string name;  ///< not yet safe to show
};

class KernelSymbols {
 public:
  /// `vmcoreinfo`: address of the pointer to the text. One that cannot be read gives a table without symbols.
  KernelSymbols(const AddressSpace& space, std::uint64_t vmcoreinfo);

  bool empty() const { return symbols_.empty(); }
  /// "schedule+0x3a" for an address within a function; nothing for any other. Not yet safe to show.
  std::optional<std::string> function_at(std::uint64_t address) const;
  std::vector<KernelFunction> functions() const;          ///< by address, the first of those that share one
  std::uint64_t address_of(std::string_view name) const;  ///< of any symbol; 0: there is none

 private:
  struct Symbol {
    std::uint64_t address = 0;
    std::size_t name = 0;  ///< where its compressed name begins
  };
  std::string name_of(std::size_t at) const;
  bool read(const AddressSpace& space, std::string_view info);

  std::string names_, tokens_, token_index_;
  std::vector<Symbol> symbols_;  ///< by address
};

/// The value of `SYMBOL(name)=` or `NUMBER(name)=` in vmcoreinfo's text; 0: there is none.
std::uint64_t vmcore_symbol(std::string_view info, std::string_view name);

}  // namespace ktstr::kvm
