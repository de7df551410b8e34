// SPDX-License-Identifier: Apache-2.0
//
// A plugin's manifest decides what is loaded: its library lies beside it, whatever it says.
#include <cstdint>
#include <cstdlib>

#include "plugin/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest =
      ktstr::parse_manifest({reinterpret_cast<const char*>(data), size}, "/plugins/x.ktstr-plugin.json");
  if (!manifest) return 0;
  if (manifest->library_path().lexically_normal().parent_path() != "/plugins") std::abort();
  if (manifest->id.empty() || manifest->provides.empty()) std::abort();
  return 0;
}
