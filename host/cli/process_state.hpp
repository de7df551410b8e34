// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ktstr {

/// Makes ordinary what a parent may have left us: closed standard streams (the next file opened would be
/// taken for one), an ignored SIGCHLD (no child's status could be had), blocked signals. A file that hits its
/// size limit, and a pipe that nobody reads, become errors of the write: before anything is written, help and
/// version included.
void settle_process_state();

}  // namespace ktstr
