// SPDX-License-Identifier: Apache-2.0
#include "cli/process_state.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace ktstr {
namespace {

void on_file_size_limit(int) {}  // the failing write says EFBIG; a handler, unlike SIG_IGN, is not inherited by programs that we start

}  // namespace

void settle_process_state() {
  int fd = -1;
  do {
    fd = ::open("/dev/null", O_RDWR);  // the lowest number that is free
  } while (fd >= 0 && fd < 3);
  if (fd >= 3) ::close(fd);
  ::signal(SIGCHLD, SIG_DFL);
  ::signal(SIGXFSZ, on_file_size_limit);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace ktstr
