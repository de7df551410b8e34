// SPDX-License-Identifier: Apache-2.0
//
// How gates did on labelled measurements, as people and programs read it. Pure.
#pragma once
#include <string>

#include "delta/gate_score.hpp"
#include "support/json.hpp"

namespace ktstr {

json::object gate_scores_json(const GateScores& scores, const GateScoreRequest& request);
std::string gate_scores_text(const GateScores& scores, const GateScoreRequest& request);

}  // namespace ktstr
