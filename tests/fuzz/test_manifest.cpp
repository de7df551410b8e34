// SPDX-License-Identifier: Apache-2.0
//
// A project's test manifest is refused with an error of ours, or makes tests that a machine can be made of.
#include <cstdint>
#include <cstdlib>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/mistake.hpp>
#include <string_view>

#include "guest/spec_writer.hpp"
#include "manifest/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ktstr::kvm;
  try {
    for (const TestSpec& test :
         parse_manifest({reinterpret_cast<const char*>(data), size}, "a.json", "/p/a.json")) {
      if (test.name.empty() || test.topology.cpus() == 0 ||
          (test.scenario.sets.empty() && test.scenario.payloads.empty()))
        std::abort();
      if (agent_spec(test, {}, 1, {}).empty()) std::abort();
    }
  } catch (const ktstr::kit::Mistake& mistake) {
    if (std::string_view(mistake.what()).find('\n') != std::string_view::npos) std::abort();
  } catch (const ktstr::sdk::Error& error) {
    if (error.message().find('\n') != std::string::npos) std::abort();
  }
  return 0;
}
