// SPDX-License-Identifier: Apache-2.0
#include "support/process.hpp"

#include <chrono>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>
#include <utility>

#include "support/details.hpp"

namespace ktstr {
namespace {

/// As a person would type it.
std::string line_of(const kit::Program& program) {
  const std::string there = program.directory.empty() ? "" : "cd " + shell_word(program.directory) + " && ";
  return there + shell_line(program.argv);
}

}  // namespace

Result<kit::Ended> run_process(kit::Program program, const std::atomic<bool>& cancel) {
  program.cancelled = [&cancel] { return cancel.load(); };
  if (is_told(Detail::kStep)) tell_step("runs: " + line_of(program));
  const auto begin = std::chrono::steady_clock::now();
  auto ended = kit::run(program);
  if (is_told(Detail::kDebug)) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    tell_debug("  it took " + fixed(took.count(), 3) + " s" +
               (ended ? ", status " + std::to_string(ended->status) : ""));
  }
  if (ended) return *std::move(ended);
  const bool late = ended.error().kind == kit::Failure::Kind::kTimeout;
  return to_error(ended.error(), {}, late ? ExitCode::kPlugin : ExitCode::kEnvironment);
}

}  // namespace ktstr
