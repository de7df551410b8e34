// SPDX-License-Identifier: Apache-2.0
//
// What a node of a farm leaves in the shared directory, and what Slurm's tools print.
#include <cstdint>
#include <cstdlib>
#include <ktstr/kit/json.hpp>

#include "farm_directory.hpp"
#include "result.hpp"
#include "slurm_tools.hpp"

namespace slurm = ktstr::slurm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const slurm::QueueRow& row : slurm::parse_queue(text, 10)) {
    if (row.index >= 10) std::abort();
  }
  for (const auto& [task, restarts] : slurm::attempts_of({text}, 10)) {
    if (task >= 10 || restarts.size() != 1) std::abort();
  }
  static_cast<void>(slurm::complaint_of(text));
  try {
    static_cast<void>(slurm::parse_job_id(text));
  } catch (const ktstr::sdk::Error&) {
  }
  try {
    static_cast<void>(slurm::read_progress(text));
  } catch (const ktstr::Mistake&) {
  }
  try {
    const slurm::TaskResult result = slurm::read_result(text, "result.json", "a");
    // What goes to the host can be read there.
    if (!result.sidecar.empty())
      static_cast<void>(ktstr::kit::read_json(result.sidecar, "sidecar").as_object());
  } catch (const ktstr::Mistake&) {
  }
  return 0;
}
