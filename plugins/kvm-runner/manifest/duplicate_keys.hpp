// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace ktstr::kvm {

/// The first key that an object of the (valid) document has twice. Boost.JSON's documents silently keep the
/// last one.
std::optional<std::string> duplicate_key(std::string_view text, const boost::json::parse_options& options);

}  // namespace ktstr::kvm
