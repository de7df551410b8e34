// SPDX-License-Identifier: Apache-2.0
#include "support/process.hpp"

#include <utility>

namespace ktstr {

Result<kit::Ended> run_process(kit::Program program, const std::atomic<bool>& cancel) {
  program.cancelled = [&cancel] { return cancel.load(); };
  auto ended = kit::run(program);
  if (ended) return *std::move(ended);
  const bool late = ended.error().kind == kit::Failure::Kind::kTimeout;
  return to_error(ended.error(), {}, late ? ExitCode::kPlugin : ExitCode::kEnvironment);
}

}  // namespace ktstr
