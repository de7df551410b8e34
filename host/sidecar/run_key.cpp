// SPDX-License-Identifier: Apache-2.0
#include "sidecar/run_key.hpp"

#include <ktstr/kit/assert.hpp>

namespace ktstr {
namespace {

std::string safe(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 100)) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_' || c == '+';
    out += good ? c : '_';
  }
  if (!out.empty() && out.front() == '.') out.front() = '_';
  KTSTR_ASSERT(out.size() <= 100 && out.find('/') == std::string::npos);  // it becomes part of a path
  return out.empty() ? "unknown" : out;
}

}  // namespace

std::string commit_label(std::string_view label, bool dirty) {
  return label.empty() ? std::string() : std::string(label) + (dirty ? "-dirty" : "");
}

std::string run_key(std::string_view kernel_version, std::string_view label) {
  return safe(kernel_version) + "-" + safe(label);
}

}  // namespace ktstr
