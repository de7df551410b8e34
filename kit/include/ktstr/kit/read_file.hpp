// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "ktstr/kit/fd.hpp"
#include "ktstr/kit/result.hpp"

namespace ktstr::kit {

/// A regular file, open to be read. Whatever else lies there is refused, and a pipe is not waited for.
/// `flags` are more of those of open(2), O_NOFOLLOW say.
Outcome<Fd> open_regular(const std::filesystem::path& path, int flags = 0);

/// The bytes of a regular file up to where it ends while it is read, at most `most`: files of /proc, and such
/// that grow meanwhile, are read to their end.
Outcome<std::string> read_file(const std::filesystem::path& path, std::uint64_t most, int flags = 0);
/// The same of a file that is open, from where it stands. `subject` is its name in failures.
Outcome<std::string> read_file(int fd, const std::string& subject, std::uint64_t most);
/// The same of whatever is open, standard input say: it is waited for until it ends.
Outcome<std::string> read_stream(int fd, const std::string& subject, std::uint64_t most);

/// The last `most` bytes of a regular file; empty when it cannot be read.
std::string read_tail(const std::filesystem::path& path, std::uint64_t most);

/// A small regular file, of /proc or /sys say; empty when it cannot be read or is larger than 1 MiB.
std::string text_of(const std::filesystem::path& path);
/// The first line of such a file without its end.
std::string first_line(const std::filesystem::path& path);

}  // namespace ktstr::kit
