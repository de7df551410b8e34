// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "explore/explore.hpp"

namespace ktstr {

/// Each finding with its smallest manifest and the line that replays it; what could not be judged; counts.
std::string explore_text(const ExploreOutcome& outcome, std::size_t width);
/// All of it (explore.schema.json).
json::object explore_json(const ExploreOutcome& outcome, const ExploreRequest& request);

}  // namespace ktstr
