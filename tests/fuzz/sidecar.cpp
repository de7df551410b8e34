// SPDX-License-Identifier: Apache-2.0
//
// Neither reader of sidecars may fall over, and they must agree.
#include "sidecar/sidecar.hpp"

#include <cstdint>
#include <cstdlib>

#include "sidecar/sidecar_head.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ktstr::MetricRegistry metrics;
  static ktstr::SidecarHeadReader reader;
  std::string text(reinterpret_cast<const char*>(data), size);
  const auto record = ktstr::read_sidecar(text, "input", metrics);
  const auto head = reader.read(text, [] { return std::string("input"); });
  if (static_cast<bool>(record) != static_cast<bool>(head)) std::abort();
  if (record && !(*head == ktstr::SidecarHead(*record))) std::abort();
  return 0;
}
