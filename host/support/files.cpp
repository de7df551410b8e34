// SPDX-License-Identifier: Apache-2.0
#include "support/files.hpp"

#include <fcntl.h>

#include <cerrno>
#include <ktstr/kit/directories.hpp>
#include <ktstr/kit/fd.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/write_file.hpp>

#include "support/output.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

/// For directories that the user can have elsewhere.
std::string place_hint(int error) {
  if (error != EACCES && error != EPERM && error != EROFS) return kit::hint_for(error);
  return "make it writable for you, or choose another place: KTSTR_CACHE_DIR or XDG_CACHE_HOME for the "
         "cache, TMPDIR for checkouts";
}

Status status_of(const kit::Done& done) { return done ? Status(Ok{}) : to_error(done.error()); }

}  // namespace

Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes) {
  auto bytes = kit::read_file(path, max_bytes);
  if (!bytes) return to_error(bytes.error());
  return *std::move(bytes);
}

Status write_file_atomically(const fs::path& path, std::string_view bytes) {
  kit::sweep_temporaries(path.has_parent_path() ? path.parent_path() : fs::path("."));
  return status_of(kit::replace_file(path, bytes, kit::Sync::kAndDirectory));
}

Status write_output(const fs::path& path, std::string_view bytes) {
  if (names_output(path)) return write_out(bytes);
  std::error_code error;
  const fs::file_status there = fs::status(path, error);  // follows links: /dev/stdout is one
  if (!fs::exists(there)) return write_file_atomically(path, bytes);
  if (fs::is_regular_file(there)) return write_file_atomically(fs::canonical(path, error), bytes);
  const kit::Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open() || !kit::write_all(file.get(), bytes))
    return to_error(kit::system_failure("cannot write", path.string()));
  return Ok{};
}

Status make_directories(const fs::path& directory) {
  const kit::Done made = kit::make_directories(directory);
  return made ? Status(Ok{}) : to_error(made.error(), place_hint(made.error().error));
}

Result<std::string> sha256_of_file(const fs::path& path) {
  const auto file = kit::open_regular(path);
  if (!file) return to_error(file.error());
  std::string sum;
  if (!kit::sha256_of_file(file->get(), sum))
    return to_error(kit::system_failure("cannot read", path.string()));
  return sum;
}

Result<kit::ScratchDirectory> make_scratch_directory(const fs::path& parent, std::string_view prefix) {
  kit::ScratchDirectory::sweep(parent, prefix);
  auto made = kit::ScratchDirectory::make(parent, prefix);
  if (!made) return to_error(made.error(), place_hint(made.error().error));
  return *std::move(made);
}

}  // namespace ktstr
