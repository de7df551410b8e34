// SPDX-License-Identifier: Apache-2.0
//
// Each in a child of its own: what is given up does not come back.
#include "agent/doors.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "framework/namespaces.hpp"

namespace ktstr::agent {
namespace {

int result_in_child(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  return testing::exit_code_of(pid);
}

TEST(Doors, AWorkerHasNoCapabilityLeft) {
  EXPECT_EQ(result_in_child([] {
              keep_capabilities(false);
              __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
              __user_cap_data_struct sets[2] = {};
              if (::syscall(SYS_capget, &header, sets) != 0) return 1;
              for (const auto& set : sets) {
                if (set.effective != 0 || set.permitted != 0 || set.inheritable != 0) return 2;
              }
              return 0;
            }),
            0);
}

TEST(Doors, ASchedulerCannotGetBackWhatReachesMemoryAndOtherProcesses) {
  constexpr int kNotPermitted = 77;
  const int result = result_in_child([] {
    const int admin = ::prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN);
    if (::prctl(PR_CAPBSET_DROP, CAP_MKNOD) != 0) return kNotPermitted;
    drop_dangerous_capabilities();
    for (const int capability : {CAP_SYS_RAWIO, CAP_SYS_PTRACE, CAP_SYS_MODULE, CAP_SYS_BOOT, CAP_MKNOD}) {
      if (::prctl(PR_CAPBSET_READ, capability) != 0) return 1;
    }
    return ::prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) == admin ? 0 : 2;  // BPF needs it
  });
  if (result == kNotPermitted) GTEST_SKIP() << "needs CAP_SETPCAP, which the agent has";
  EXPECT_EQ(result, 0);
}

TEST(Doors, NoDeviceLeadsToMemoryAndNobodyLooksIntoTheAgent) {
  if (!testing::namespaces_permitted()) GTEST_SKIP() << "needs a mount namespace: /dev is taken apart";
  const pid_t pid = testing::start_in_namespaces([] {
    if (::mount("tmpfs", "/dev", "tmpfs", 0, nullptr) != 0) return 1;  // ours from here on
    for (const char* device : {"/dev/mem", "/dev/kmem", "/dev/port"})
      ::close(::open(device, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    close_doors();
    struct stat info {};
    for (const char* device : {"/dev/mem", "/dev/kmem", "/dev/port"}) {
      if (::stat(device, &info) == 0) return 2;
    }
    return ::prctl(PR_GET_DUMPABLE) == 0 ? 0 : 3;
  });
  EXPECT_EQ(testing::exit_code_of(pid), 0);
}

}  // namespace
}  // namespace ktstr::agent
