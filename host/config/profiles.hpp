// SPDX-License-Identifier: Apache-2.0
//
// Profiles: defaults with a name, for one place where tests run.
#pragma once
#include "config/key.hpp"

namespace ktstr {

/// What a profile may say.
extern const ObjectShape kProfileShape;
extern const TextForm kProfileName;

/// Reads every profile of the value and remembers their names; none is applied.
void note_profiles(const LayeredFile& file, const Located& value);
/// Their names.
json::value names_of_profiles(const Config& config);

/// What the profile in force says and no other key could; empty without one.
json::object profile_values(const ProfileDefaults& defaults);

}  // namespace ktstr
