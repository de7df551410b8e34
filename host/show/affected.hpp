// SPDX-License-Identifier: Apache-2.0
//
// Which tests a change can touch, as people and programs read it. Pure.
#pragma once
#include <string>

#include "measure/affected_tests.hpp"
#include "support/json.hpp"

namespace ktstr {

/// What was compared, and a line for each test.
std::string affected_text(const AffectedTests& affected);

/// {base: {commit, label, how}, changed: […] or null, unclaimed: […], schedulers: [of affected tests],
/// tests: [{test, topology, scheduler, affected, file, why}]}
json::object affected_json(const AffectedTests& affected);

}  // namespace ktstr
