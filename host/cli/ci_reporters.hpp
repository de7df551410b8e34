// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/config.hpp"

namespace ktstr {

/// Under a CI service whose own reports ktstr can write they are added and told, unless reporters were chosen
/// by the configuration or a flag.
void add_ci_reporters(Config& config);

}  // namespace ktstr
