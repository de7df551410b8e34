// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

namespace ktstr::kvm {

/// Reads what `ldconfig` wrote (/etc/ld.so.cache, with or without the old format in front): where each x86-64
/// library lies that runs on every such CPU. What is damaged or unknown gives fewer entries, down to none.
/// Never reads outside `bytes`.
std::unordered_map<std::string, std::string> read_loader_cache(std::string_view bytes);

}  // namespace ktstr::kvm
