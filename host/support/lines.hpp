// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "support/result.hpp"

namespace ktstr {

/// Reads a file line by line, unpacking it when it is compressed with gzip.
class LineReader {
 public:
  static Result<LineReader> open(const std::filesystem::path& path, std::size_t max_line);

  /// The next line without its end; nothing at the end of the file. A damaged or cut archive is an error, not
  /// an end.
  Result<std::optional<std::string>> next();
  std::uint64_t line() const { return line_; }  ///< number of the line that `next` gave last, from 1

 private:
  struct Close {
    void operator()(void* file) const;
  };
  LineReader(void* file, std::string name, std::size_t max_line)
      : file_(file), name_(std::move(name)), max_line_(max_line) {}

  std::unique_ptr<void, Close> file_;
  std::string name_;
  std::size_t max_line_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 0;
};

}  // namespace ktstr
