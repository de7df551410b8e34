// SPDX-License-Identifier: Apache-2.0
//
// What `ktstr help` knows besides the commands.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace ktstr {

struct Topic {
  std::string_view name, summary;
  std::string (*text)();
};
std::span<const Topic> topics();

}  // namespace ktstr
