// SPDX-License-Identifier: Apache-2.0
// The few file operations that the machine layer needs; failures are thrown as FileError and caught in
// run_machine.
#pragma once
#include <cstdint>
#include <filesystem>
#include <ktstr/kit/fd.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/result.hpp>
#include <ktstr/kit/scratch_directory.hpp>
#include <ktstr/kit/write_file.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace ktstr::kvm {

struct FileError : std::runtime_error {
  explicit FileError(const std::string& message, std::string fix = {})
      : std::runtime_error(message), hint(std::move(fix)) {}
  std::string hint;            ///< the command or change that fixes it; may be empty
  int error = 0;               ///< errno, where there is one
  std::filesystem::path path;  ///< that it is about, likewise
};

/// "WHAT PATH: reason of errno", with the fix where the reason alone tells it (no space, a limit of the
/// process).
[[noreturn]] void throw_file_error(const std::string& what, const std::filesystem::path& path);
/// What helps against this errno wherever it happens; empty when that depends on the place.
std::string hint_for_errno(int error);

FileError file_error(const kit::Failure& failure);

/// The value, or what failed, thrown as FileError.
template <typename T>
T checked(kit::Outcome<T> outcome) {
  if (!outcome) throw file_error(outcome.error());
  return *std::move(outcome);
}

/// A file that somebody else keeps open, and what to call it in an error.
struct OpenFile {
  int fd = -1;
  std::filesystem::path name;
};

kit::Fd create_file(const std::filesystem::path& path);

inline std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  return checked(kit::read_file(path, max_bytes));
}
/// A reader sees the old file or the new one, whole.
inline void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  checked(kit::replace_file(path, bytes, kit::Sync::kFile));
}

/// Hash of a large file, remembered in `cache_dir` by the file's identity, size and time of change.
std::string cached_file_hash(const std::filesystem::path& path, const std::filesystem::path& cache_dir);

/// Copies the data extents of a sparse file; `to`, which is empty or all holes, gets the same size. Returns a
/// checksum of offsets and data.
std::uint64_t copy_sparse(const OpenFile& from, const OpenFile& to);

/// The same into a file that is all holes and whose size nobody can change (a guest's memory), as quickly as
/// can be: pages of zeros that `from` holds are copied, too. The checksum is that of what has arrived.
std::uint64_t copy_to_memory(const OpenFile& from, const OpenFile& to);

/// Makes `directory` and its parents, private to this user; an existing one must be this user's. An error
/// names the directory that could not be made.
void make_private_directory(const std::filesystem::path& directory);

/// A private directory for a guest's files, and the end of those whose owners are gone.
kit::ScratchDirectory make_scratch_directory(const std::filesystem::path& parent);
void sweep_scratch_directories(const std::filesystem::path& parent);
/// Begins their names.
inline constexpr std::string_view kScratchPrefix = "ktstr-run-";

}  // namespace ktstr::kvm
