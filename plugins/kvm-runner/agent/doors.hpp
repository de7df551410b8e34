// SPDX-License-Identifier: Apache-2.0
//
// What programs in the guest may not reach: the mailbox and the agent that writes it. docs/security.md says
// what is left to a scheduler, which runs as root.
#pragma once

namespace ktstr::agent {

/// Once the mailbox is mapped: no device file leads to memory any more, and nobody may look into this
/// process.
void close_doors();

/// Before anybody else's program runs: where the kernel can be locked down (integrity), it is, so that no BPF
/// program that is loaded from now on writes into another's memory. What the agent needs of that kind must be
/// loaded before.
void lock_kernel_down();

/// In the child that becomes the scheduler: what only memory, modules, other processes or the machine itself
/// would need is gone for good.
void drop_dangerous_capabilities();

/// In a worker, which needs nothing, or only to change priorities and policies (CAP_SYS_NICE).
void keep_capabilities(bool nice);

}  // namespace ktstr::agent
