// SPDX-License-Identifier: Apache-2.0
#include "cli/process_state.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <initializer_list>

#include "plugin/process_state.hpp"
#include "support/output.hpp"

namespace ktstr {
namespace {

/// Makes the process's table of descriptors as large as it is going to be. Once there is a second thread, the
/// kernel waits for a grace period of RCU each time that it grows: some 10 ms of every command.
void make_room_for_descriptors() {
  const int fd = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, ProcessState::kFirstSpare);
  if (fd >= 0) ::close(fd);
}

/// The failing write says EPIPE or EFBIG itself; a handler, unlike SIG_IGN, is not inherited by programs that
/// we start.
void on_failing_write(int) {}

}  // namespace

void settle_process_state() {
  int fd = -1;
  do {
    fd = ::open("/dev/null", O_RDWR);  // the lowest number that is free
  } while (fd >= 0 && fd < 3);
  if (fd >= 3) ::close(fd);
  make_room_for_descriptors();
  ::signal(SIGCHLD, SIG_DFL);
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, on_failing_write);
  keep_output_apart();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace ktstr
