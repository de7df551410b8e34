// SPDX-License-Identifier: Apache-2.0
#include "durable_file.hpp"

#include <cerrno>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/directories.hpp>
#include <ktstr/kit/sdk_error.hpp>
#include <ktstr/kit/write_file.hpp>

namespace ktstr::fs_store {

std::string hint_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return "free some space; older sidecars were left as they are";
    case EACCES:
    case EPERM:
    case EROFS:
      return "make the directory writable for you, or choose another: CARGO_TARGET_DIR for all runs, "
             "KTSTR_SIDECAR_DIR for this one";
    default: return kit::hint_for(error);
  }
}

sdk::Error error_of(const kit::Failure& failure) { return kit::sdk_error(failure, hint_of(failure.error)); }

void fail(const std::string& what, const std::string& path) {
  throw error_of(kit::system_failure(what, path));
}

void write_durably(const std::string& directory, std::string_view name, std::string_view bytes) {
  KTSTR_ASSERT(directory.starts_with('/') && !name.empty() && name.front() != '/');
  checked(kit::replace_file(directory + "/" + std::string(name), bytes, kit::Sync::kAndDirectory));
}

void make_directories_durably(const std::string& directory) {
  checked(kit::make_directories_durably(directory));
}

void sync_directory(const std::string& directory) { checked(kit::sync_directory(directory)); }

}  // namespace ktstr::fs_store
