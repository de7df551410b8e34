// SPDX-License-Identifier: Apache-2.0
#include "node_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ktstr/kit/read_file.hpp>
#include <string>

namespace ktstr::slurm {

kit::Done read_pieces(const std::filesystem::path& file, std::uint64_t most,
                      const std::function<bool(std::string_view)>& use) {
  constexpr std::size_t kPiece = 1U << 20U;
  const auto too_large = [&] {
    return kit::Failure{kit::Failure::Kind::kLimit, "", file.string(),
                        "is larger than " + std::to_string(most) + " bytes"};
  };
  const auto opened = kit::open_regular(file, O_NOFOLLOW);  // a link could lead to any file of this machine's
  if (!opened) return opened.error();
  struct stat info {};
  if (::fstat(opened->get(), &info) != 0) return kit::system_failure("cannot read", file.string());
  if (static_cast<std::uint64_t>(info.st_size) > most) return too_large();
  std::string piece(kPiece, '\0');
  for (std::uint64_t seen = 0;;) {  // the node may still write to it
    const ssize_t n = ::read(opened->get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return kit::system_failure("cannot read", file.string());
    if (n == 0) return kit::Nothing{};
    seen += static_cast<std::uint64_t>(n);
    if (seen > most) return too_large();
    if (!use(std::string_view(piece).substr(0, static_cast<std::size_t>(n)))) return kit::Nothing{};
  }
}

}  // namespace ktstr::slurm
