// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "config/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto layer : {ktstr::ConfigLayer::kUser, ktstr::ConfigLayer::kProject}) {
    ktstr::Config config;
    static_cast<void>(static_cast<bool>(ktstr::apply_config_text(text, "input", layer, config)));
  }
  static_cast<void>(static_cast<bool>(ktstr::parse_reporter_flag(std::string(text))));
  return 0;
}
