// SPDX-License-Identifier: Apache-2.0
// Boost.JSON, compiled into the static agent (the distribution has no static library of it with the flags we
// want).
#include <boost/json/src.hpp>
