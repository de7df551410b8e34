// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dump/btf_types.hpp"

namespace ktstr::kvm {

/// One number, text or address of a value, and where in it it stands: "stats.waits[3]". Safe to show.
struct BtfField {
  std::string path, text;
};

/// The value's fields in order, at most `most`; of arrays the first 16 items. Where bytes end early, so does
/// the list; a type that says nothing gives the bytes as hexadecimal digits.
std::vector<BtfField> format_value(const BtfTypes& types, std::uint32_t type, std::string_view bytes,
                                   std::size_t most);

}  // namespace ktstr::kvm
