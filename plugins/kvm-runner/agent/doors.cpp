// SPDX-License-Identifier: Apache-2.0
#include "agent/doors.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>

#include "protocol/mailbox.hpp"
#include "protocol/monitor_map.hpp"

namespace ktstr::agent {
namespace {

constexpr const char* kSecurity = "/sys/kernel/security";

// A child has those of its parent.
void give_up_ports() {
  ::ioperm(kvm::kSamplePort, 2, 0);
  ::ioperm(kvm::kPausePort, 1, 0);
}

}  // namespace

// Where the kernel has no such thing, the capabilities below have to do.
void lock_kernel_down() {
  if (::mount("securityfs", kSecurity, "securityfs", 0, nullptr) != 0) return;
  const int fd = ::open("/sys/kernel/security/lockdown", O_WRONLY | O_CLOEXEC);
  constexpr std::string_view kLevel = "integrity";
  if (fd >= 0) {
    static_cast<void>(::write(fd, kLevel.data(), kLevel.size()) < 0);
    ::close(fd);
  }
  ::umount(kSecurity);
}

void close_doors() {
  for (const char* device : {"/dev/mem", "/dev/kmem", "/dev/port"}) ::unlink(device);
  ::prctl(PR_SET_DUMPABLE, 0);
}

void drop_dangerous_capabilities() {
  give_up_ports();
  for (const int capability : {CAP_SYS_RAWIO, CAP_SYS_PTRACE, CAP_SYS_MODULE, CAP_SYS_BOOT, CAP_MKNOD})
    ::prctl(PR_CAPBSET_DROP, capability);
}

void keep_capabilities(bool nice) {
  give_up_ports();
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const std::uint32_t kept = nice ? 1U << CAP_SYS_NICE : 0;
  const __user_cap_data_struct sets[2] = {{kept, kept, 0}, {}};
  ::syscall(SYS_capset, &header, sets);
}

}  // namespace ktstr::agent
