// SPDX-License-Identifier: Apache-2.0
#include "support/wait.hpp"

namespace ktstr {

Wait::Wait(bool shown, unsigned width, const std::filesystem::path& cache_dir, const std::string& what,
           const std::string& name)
    : times_(cache_dir), name_(name), progress_(shown, width) {
  progress_.phase(what, name_.empty() ? std::nullopt : times_.of(name_));
}

void Wait::done() const {
  if (name_.empty()) return;
  times_.learn(name_, std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                            begin_));
}

}  // namespace ktstr
