// SPDX-License-Identifier: Apache-2.0
//
// Numbers as people read them, the same in every locale: a neighbour in the process may have set one.
#pragma once
#include <cstdint>
#include <string>

namespace ktstr::kit {

/// So many digits after the point: "12.30".
std::string fixed(double value, int decimals);
/// At most so many digits that count, no zeros behind them: "0.05", "1.2e+07" (printf's %g).
std::string significant(double value, int digits);
/// 16 lower-case hex digits.
std::string hex64(std::uint64_t value);

}  // namespace ktstr::kit

namespace ktstr {  // whose own code needs no prefix
using kit::fixed;
using kit::significant;
}  // namespace ktstr
