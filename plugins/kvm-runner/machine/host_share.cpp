// SPDX-License-Identifier: Apache-2.0
#include "machine/host_share.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/read_file.hpp>
#include <string>

namespace ktstr::kvm {

HostShare host_share(pid_t process) {
  KTSTR_ASSERT(process > 0);
  HostShare share;
  std::error_code failure;
  std::filesystem::directory_iterator thread("/proc/" + std::to_string(process) + "/task", failure);
  for (; !failure && thread != std::filesystem::directory_iterator(); thread.increment(failure)) {
    std::uint64_t ran = 0, waited = 0;
    const std::string text = kit::text_of(thread->path() / "schedstat");
    if (std::sscanf(text.c_str(), "%" SCNu64 " %" SCNu64, &ran, &waited) != 2) continue;
    share.ran += std::chrono::nanoseconds(ran);
    share.waited += std::chrono::nanoseconds(waited);
  }
  return share;
}

HostShare since(const HostShare& before, const HostShare& now) {
  const std::chrono::nanoseconds zero{};
  return {std::max(now.ran - before.ran, zero), std::max(now.waited - before.waited, zero)};
}

void ScenarioShare::look(Stage stage) {
  if (stage == Stage::kScenarioStarted) begin_ = host_share(process_);
  if (stage > Stage::kScenarioStarted && seen_ == Stage::kScenarioStarted)
    whole_ = since(begin_, host_share(process_));
  seen_ = stage;
}

HostShare ScenarioShare::finish() {
  if (seen_ == Stage::kScenarioStarted) look(Stage::kScenarioFinished);
  return whole_;
}

}  // namespace ktstr::kvm
