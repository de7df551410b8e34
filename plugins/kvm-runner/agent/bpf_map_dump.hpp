// SPDX-License-Identifier: Apache-2.0
//
// What the BPF maps in the guest hold, as bytes; the runner knows how to show them by their types.
#pragma once
#include <boost/json.hpp>

namespace ktstr::agent {

/// {"maps": […], "btf": {…}} as docs/guest-protocol.md describes it: a bounded part of every map that can be
/// read, and the type information that goes with them.
boost::json::object read_bpf_maps();

}  // namespace ktstr::agent
