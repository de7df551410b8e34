// SPDX-License-Identifier: Apache-2.0
#include "kernels/cache_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ktstr/kit/text.hpp>
#include <vector>

namespace ktstr {
namespace fs = std::filesystem;

std::string cache_hint() {
  return "set XDG_CACHE_HOME (or KTSTR_CACHE_DIR) to a directory that you may write to";
}

Status make_cache_directory(const fs::path& directory) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path above = directory; !above.empty() && !fs::exists(above, error) && !error;
       above = above.parent_path())
    missing.push_back(above);
  for (auto it = missing.rbegin(); it != missing.rend(); ++it) {
    if (::mkdir(it->c_str(), 0777) == 0 || errno == EEXIST) continue;
    return environment_error(
        "cannot make the directory " + printable(it->string()) + ": " + std::strerror(errno), cache_hint());
  }
  if (::access(directory.c_str(), W_OK | X_OK) == 0) return Ok{};
  return environment_error(
      "cannot write to the kernel cache " + printable(directory.string()) + ": " + std::strerror(errno),
      cache_hint());
}

}  // namespace ktstr
