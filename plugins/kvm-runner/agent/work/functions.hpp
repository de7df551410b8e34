// SPDX-License-Identifier: Apache-2.0
//
// The functions of the work types, by file. functions.cpp says which name has which.
#pragma once
#include "agent/work.hpp"

namespace ktstr::agent {

// basic.cpp
void spin_wait(WorkContext& context);
void spin_and_yield(WorkContext& context);
void bursty(WorkContext& context);
void timer_latency(WorkContext& context);
// partners.cpp
void pipe_io(WorkContext& context);
void futex_ping_pong(WorkContext& context);
void futex_fan_out(WorkContext& context);
// sequence.cpp
void sequence(WorkContext& context);

}  // namespace ktstr::agent
