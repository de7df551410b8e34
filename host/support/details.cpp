// SPDX-License-Identifier: Apache-2.0
#include "support/details.hpp"

#include <atomic>

namespace ktstr {
namespace {

std::atomic<void (*)(Detail, const std::string&)> listener{nullptr};
std::atomic<bool> with_steps{false}, with_debug{false};

}  // namespace

void on_details(void (*tell)(Detail, const std::string& line), bool steps, bool debug) {
  with_steps = steps;
  with_debug = debug;
  listener = tell;
}

bool is_told(Detail detail) {
  return listener != nullptr && (detail == Detail::kStep ? with_steps : with_debug);
}

void tell_detail(Detail detail, const std::string& line) {
  if (is_told(detail)) listener.load()(detail, line);
}

}  // namespace ktstr
