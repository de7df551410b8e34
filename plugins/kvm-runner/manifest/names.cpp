// SPDX-License-Identifier: Apache-2.0
#include "manifest/names.hpp"

#include <algorithm>

namespace ktstr::kvm {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.';
}

std::string parse_name(const Located& located, std::size_t longest) {
  if (!located.value->is_string()) wrong(located.place, "a name", *located.value);
  const std::string name(located.value->get_string());
  const bool sound = !name.empty() && name.size() <= longest && name.front() != '.' &&
                     std::all_of(name.begin(), name.end(), is_name_character);
  if (!sound) {
    wrong(located.place,
          "a name of at most " + std::to_string(longest) +
              " letters, digits, '_', '-' and '.', not starting with '.'",
          *located.value);
  }
  return name;
}

}  // namespace ktstr::kvm
