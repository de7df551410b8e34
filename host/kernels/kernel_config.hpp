// SPDX-License-Identifier: Apache-2.0
//
// What a kernel was configured with (a .config, as text), and what of it tests need.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr {

/// Whether an option is built in (=y). A module does not count: guests load none.
bool built_in(std::string_view config, std::string_view option);

/// The options that guests and schedulers need and this configuration lacks, each as "CONFIG_X (what for)".
/// The ones of sched_ext are left out for a kernel without sched_ext, which runs tests of its own scheduler.
std::vector<std::string> missing_options(std::string_view config);

/// The configuration inside an image that was built with CONFIG_IKCONFIG: a vmlinux, or a bzImage packed with
/// zstd or gzip.
std::optional<std::string> config_in_image(std::string_view image);

}  // namespace ktstr
