// SPDX-License-Identifier: Apache-2.0
// The few file operations that the machine layer needs; failures are thrown as FileError and caught in
// run_machine.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

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

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = other.release();
    }
    return *this;
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset();

 private:
  int fd_ = -1;
};

/// A file that somebody else keeps open, and what to call it in an error.
struct OpenFile {
  int fd = -1;
  std::filesystem::path name;
};

Fd open_to_read(const std::filesystem::path& path);
Fd create_file(const std::filesystem::path& path);

std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes);
/// The last `max_bytes` of a file; empty when it cannot be read.
std::string read_tail(const std::filesystem::path& path, std::uint64_t max_bytes);

/// A reader sees the old file or the new one, whole. The temporary file beside it has a random name and is
/// locked while it is written, so that what a killed writer leaves is in nobody's way and is known to be
/// nobody's.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);
/// Removes what killed writers of write_file_atomically left in `directory`.
void sweep_abandoned_files(const std::filesystem::path& directory);

/// Hash of a large file, remembered in `cache_dir` by the file's identity, size and time of change.
std::string cached_file_hash(const std::filesystem::path& path, const std::filesystem::path& cache_dir);

/// Copies the data extents of a sparse file; `to`, which is empty or all holes, gets the same size. Returns a
/// checksum of offsets and data.
std::uint64_t copy_sparse(const OpenFile& from, const OpenFile& to);

/// Makes `directory` and its parents, private to this user; an existing one must be this user's. An error
/// names the directory that could not be made.
void make_private_directory(const std::filesystem::path& directory);

}  // namespace ktstr::kvm
