// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

namespace ktstr::agent {

/// What a program prints, in a file of which only the beginning and the end stay in memory: the middle is
/// given back as it grows. The program writes to a plain file, so it never waits for a reader.
class OutputFile {
 public:
  static constexpr std::uint64_t kHead = 16 << 10, kTail = 48 << 10;

  OutputFile() = default;
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Makes it; false when it cannot be made. What is written to fd() is appended.
  bool open(const std::string& path);
  int fd() const { return fd_; }

  std::uint64_t size() const;
  /// Gives the middle back; to be called again and again. True when much has come since the last call, so
  /// that the next should be soon.
  bool trim();
  /// The first kHead and the last kTail bytes with a line between that says how much was left out, or
  /// everything.
  std::string text() const;

 private:
  int fd_ = -1;
  std::uint64_t trimmed_ = 0, seen_ = 0;
};

}  // namespace ktstr::agent
