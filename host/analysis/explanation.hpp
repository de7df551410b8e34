// SPDX-License-Identifier: Apache-2.0
//
// Why optional fields of a run's sidecars are null. Pure: values in, text or JSON out.
#pragma once
#include <string>
#include <vector>

#include "sidecar/field.hpp"
#include "sidecar/run_document.hpp"

namespace ktstr {

struct ExplainedSidecar {
  std::string test, topology, scheduler, run_id, arch;
  std::vector<const SidecarField*> populated, none;
  bool uncounted = false;            ///< older than counts of samples and names of cgroups
  std::vector<std::string> starved;  ///< cgroups with workers that completed nothing
};

struct UnusableFile {
  std::string path, error, hint;
};

struct Explanation {
  std::uint64_t walked = 0;
  std::vector<ExplainedSidecar> sidecars;  ///< by test, then run id
  std::vector<UnusableFile> corrupt, unreadable;
};

void explain(const std::vector<RunDocument>& documents, Explanation& explanation);

}  // namespace ktstr
