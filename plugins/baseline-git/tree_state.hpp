// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <git2.h>

#include <string>

namespace ktstr::git {

/// Names what the tracked files of a tree with changes hold: HEAD, and each file that differs from it with
/// the content that lies there now. Empty when that cannot be told.
std::string tree_state(git_repository* repository);

}  // namespace ktstr::git
