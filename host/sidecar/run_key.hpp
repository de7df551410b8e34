// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace ktstr {

/// "abc1234" or "abc1234-dirty" as sidecars record it, of a commit's own label; empty when there is none.
std::string commit_label(std::string_view label, bool dirty);

/// Directory name of a run: "{kernel}-{label}", each part "unknown" when empty. Bytes that could not be a
/// file name become '_'.
std::string run_key(std::string_view kernel_version, std::string_view label);

}  // namespace ktstr
