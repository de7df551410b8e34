// SPDX-License-Identifier: Apache-2.0
//
// libgit2's objects with owners.
#pragma once
#include <git2.h>

#include <memory>
#include <string>

#include "repository.hpp"

namespace ktstr::git {

template <typename T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* object) const { Free(object); }
};
template <typename T, void (*Free)(T*)>
using Handle = std::unique_ptr<T, Deleter<T, Free>>;

using Index = Handle<git_index, git_index_free>;
using Odb = Handle<git_odb, git_odb_free>;
using Config = Handle<git_config, git_config_free>;
using Object = Handle<git_object, git_object_free>;
using Commit = Handle<git_commit, git_commit_free>;
using Tree = Handle<git_tree, git_tree_free>;
using Blob = Handle<git_blob, git_blob_free>;
using Reference = Handle<git_reference, git_reference_free>;
using Diff = Handle<git_diff, git_diff_free>;
using StatusList = Handle<git_status_list, git_status_list_free>;

inline std::string last_message() {
  const git_error* error = git_error_last();
  return error == nullptr || error->message == nullptr ? "unknown error" : error->message;
}

/// Fails when libgit2 did; `what` says what was tried.
inline void check(int code, const std::string& what) {
  if (code < 0) throw CannotRead(what + ": " + last_message());
}

inline std::string hex(const git_oid* id) {
  char text[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(text, sizeof text, id);
}

}  // namespace ktstr::git
