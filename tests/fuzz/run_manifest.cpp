// SPDX-License-Identifier: Apache-2.0
//
// What is read as a manifest can be written and read again, and merging takes anything that was read.
#include "sidecar/run_manifest.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto manifest = ktstr::parse_run_manifest(text, "input");
  if (!manifest) return 0;
  const std::string written = ktstr::run_manifest_text(*manifest);
  const auto again = ktstr::parse_run_manifest(written, "again");
  if (!again || ktstr::run_manifest_text(*again) != written) std::abort();
  if (ktstr::merge_run_manifests({*manifest, *again}).tests.size() > manifest->tests.size()) std::abort();
  return 0;
}
