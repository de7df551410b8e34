// SPDX-License-Identifier: Apache-2.0
//
// Looking at run directories. Symbolic links are never followed, so nothing outside of the root is read.
#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::fs_store {

struct File {
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t stamp =
      0;  ///< of device, inode and change time; 0: it could not be looked at, or is no regular file
};

/// Whether folders that cannot be looked into are listed among a run's files.
enum class Closed { kTold, kLeftOut };

/// True for a name that ends in ".json" and has ".ktstr." in it, but for a failure dump's: a test may be
/// called "x.ktstr.y".
bool is_sidecar_name(std::string_view name);
/// True for what a new invocation takes away: sidecars, failure dumps, and what earlier invocations meant to
/// run.
bool is_run_file(std::string_view name);
/// True for what else the host stores in a run or a session: failure dumps, manifests, reports.
bool is_artifact_name(std::string_view name);
/// True for what the test of that sidecar left beside it.
bool lies_beside(std::string_view sidecar, std::string_view artifact);
/// Another value whenever the file was replaced or written to.
std::uint64_t file_stamp(const struct stat& info);

std::int64_t nanoseconds(const timespec& time);

/// What `path` is without following a symbolic link; false when it is gone or unreadable.
bool look(const std::string& path, struct stat& info);

/// Names in a directory, sorted; `directories_only`: without what can be told to be neither one nor a link.
/// Throws ktstr::sdk::Error (KTSTR_IO) when it cannot be read or a link on the way leads nowhere; one that is
/// not there is empty.
std::vector<std::string> names_in(const std::string& directory, bool directories_only = false);

/// Files of a run whose last part of the name is `wanted`, sorted by name: its own and those exactly one
/// directory down. One that cannot be looked at, or is a link, a pipe or a directory, is among them, and so
/// is a folder that cannot be looked into
/// (`closed`), by its own name: reading it fails and tells why, so that nobody takes what is hidden for what
/// is not there. Hidden files and directories are no part of a run.
std::vector<File> files_in(const std::string& directory, bool (*wanted)(std::string_view), Closed closed);

/// Opens root/relative for reading without following a link below `root`. Returns -1 with errno.
int open_beneath(const std::string& root, std::string_view relative, int flags);
/// The same below an open directory.
int open_beneath(int directory, std::string_view relative, int flags);

/// Throws when root/relative or a directory between them is a link: a project that was cloned may have
/// brought it.
void refuse_links(const std::string& root, std::string_view relative);

/// Another value whenever an entry of the directory or of one of its subdirectories was made, renamed or
/// removed; 0 when that cannot be told.
std::uint64_t stamp_of(const std::string& directory, const struct stat& info);

/// Throws unless `text` is a relative path of ordinary components.
void check_relative(std::string_view text, const char* what, bool may_nest);

}  // namespace ktstr::fs_store
