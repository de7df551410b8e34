// SPDX-License-Identifier: Apache-2.0
//
// Taking runs away, and what is left of them.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace ktstr::fs_store {

/// Removes what the store wrote in a run, at its top and one directory down, and the directories when they
/// are empty then. Throws KTSTR_NOT_FOUND, and KTSTR_CONFLICT while somebody writes it.
void remove_run(const std::string& root, const std::string& key, const std::function<bool()>& cancelled);

/// Removes the locks and marks of runs that are gone, unless somebody holds them; returns ".locks/{name}" of
/// each.
std::vector<std::string> sweep_locks(const std::string& root, bool dry_run);

}  // namespace ktstr::fs_store
