// SPDX-License-Identifier: Apache-2.0
// The few file operations that the machine layer needs; failures are thrown as FileError and caught in run_machine.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ktstr::kvm {

struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

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

/// A directory that is removed with everything in it.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  ~ScratchDirectory() { remove(); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }
  void remove() noexcept;

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes);
/// The last `max_bytes` of a file; empty when it cannot be read.
std::string read_tail(const std::filesystem::path& path, std::uint64_t max_bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

std::string sha256_hex(std::string_view bytes);
/// Hash of a large file, remembered in `cache_dir` by the file's identity, size and time of change.
std::string cached_file_hash(const std::filesystem::path& path, const std::filesystem::path& cache_dir);

/// Copies the data extents of a sparse file; `to` gets the same size. Returns a checksum of offsets and data.
std::uint64_t copy_sparse(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes `directory` and its parents; the last one private to this user.
void make_private_directory(const std::filesystem::path& directory);

/// A fresh directory below `parent` whose name tells the process that owns it, so that a later process can sweep it.
std::filesystem::path make_owned_directory(const std::filesystem::path& parent);
/// Removes what processes that are gone left below `parent`.
void sweep_abandoned_directories(const std::filesystem::path& parent);

}  // namespace ktstr::kvm
