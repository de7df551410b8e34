// SPDX-License-Identifier: Apache-2.0
#include "analysis/figures.hpp"

namespace ktstr {

std::uint64_t count_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) return 0;
  if (value->is_uint64()) return value->get_uint64();
  return value->is_int64() && value->get_int64() > 0 ? static_cast<std::uint64_t>(value->get_int64()) : 0;
}

}  // namespace ktstr
