// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sidecar/sidecar.hpp"

namespace ktstr {

/// One sidecar of a run, whole.
struct RunDocument {
  std::string name;  ///< as the store names it; may have one directory in front
  json::value document;
  SidecarRecord record;

  const json::object& object() const { return document.get_object(); }
};

}  // namespace ktstr
