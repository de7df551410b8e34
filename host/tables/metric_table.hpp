// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace ktstr {

/// The table of docs/metrics.md, Markdown. The parts of rates are left out.
std::string metric_table();

}  // namespace ktstr
