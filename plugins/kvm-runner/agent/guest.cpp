// SPDX-License-Identifier: Apache-2.0
#include "agent/guest.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "agent/files.hpp"

namespace ktstr::agent {
namespace {

constexpr const char* kCgroups = "/sys/fs/cgroup";

}  // namespace

void mount_file_systems() {
  for (const char* directory : {"/proc", "/sys", "/dev", "/tmp", "/run"}) ::mkdir(directory, 0755);
  ::mount("proc", "/proc", "proc", 0, nullptr);
  ::mount("sysfs", "/sys", "sysfs", 0, nullptr);
  ::mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
  ::mount("tmpfs", "/tmp", "tmpfs", 0, nullptr);
  ::mount("tmpfs", "/run", "tmpfs", 0, nullptr);
  ::mount("cgroup2", kCgroups, "cgroup2", 0, nullptr);
  ::chmod(kCgroups,
          0755);  // its owner may not write to it at first, and workers make cgroups without capabilities
  ::mount("bpf", "/sys/fs/bpf", "bpf", 0, nullptr);
  ::mount("debugfs", "/sys/kernel/debug", "debugfs", 0, nullptr);
  ::mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, nullptr);
  write_text(std::string(kCgroups) + "/cgroup.subtree_control", "+cpu +cpuset");
}

void furnish() {
  for (const char* directory : {"/dev/shm", "/dev/pts", "/etc", "/var", "/var/tmp", "/root", "/boot"})
    ::mkdir(directory, 0755);
  ::mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
  ::mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=620,ptmxmode=666");
  for (const char* directory : {"/tmp", "/var/tmp"}) ::chmod(directory, 01777);
  static constexpr std::pair<const char*, const char*> kLinks[] = {{"/run", "/var/run"},
                                                                   {"/proc/self/fd", "/dev/fd"},
                                                                   {"/proc/self/fd/0", "/dev/stdin"},
                                                                   {"/proc/self/fd/1", "/dev/stdout"},
                                                                   {"/proc/self/fd/2", "/dev/stderr"},
                                                                   {"/proc/mounts", "/etc/mtab"}};
  for (const auto& [target, link] : kLinks) {
    if (::symlink(target, link) != 0 && errno != EEXIST) continue;  // a missing nicety is no reason to stop
  }
  static constexpr std::pair<const char*, const char*> kFiles[] = {
      {"/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"},
      {"/etc/group", "root:x:0:\nnogroup:x:65534:\n"},
      {"/etc/hosts", "127.0.0.1 localhost ktstr\n"}};
  for (const auto& [path, text] : kFiles) {
    ::close(::open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    write_text(path, text);
  }
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq loopback{};
  std::strncpy(loopback.ifr_name, "lo", sizeof loopback.ifr_name - 1);
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  ::ioctl(socket, SIOCSIFFLAGS, &loopback);
  ::close(socket);
}

void name_kernel_configuration() {
  utsname name{};
  ::uname(&name);
  const std::string link = std::string("/boot/config-") + name.release;
  if (::access("/boot/config", R_OK) == 0) ::rename("/boot/config", link.c_str());
}

std::vector<std::uint64_t> mailbox_candidates(const std::string& iomem) {
  std::vector<std::uint64_t> found;
  for (std::size_t begin = 0; begin < iomem.size();) {
    const std::size_t end = std::min(iomem.find('\n', begin), iomem.size());
    const std::string line = iomem.substr(begin, end - begin);
    begin = end + 1;
    char* rest = nullptr;
    const std::uint64_t first = std::strtoull(line.c_str(), &rest, 16);
    if (line.starts_with(' ') || *rest != '-') continue;  // a part of a range
    const std::uint64_t last = std::strtoull(rest + 1, &rest, 16);
    if (std::string_view(rest) != " : Reserved" && std::string_view(rest) != " : reserved") continue;
    if (last < first || last >= kvm::kMailboxCeiling || last + 1 - first < kvm::kMailboxBytes) continue;
    found.push_back(last + 1 - kvm::kMailboxBytes);
    if (first != found.back()) found.push_back(first);
  }
  return found;
}

std::string map_mailbox(Mailbox& mailbox) {
  const int fd = ::open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
  if (fd < 0) return "cannot open /dev/mem: " + std::string(std::strerror(errno));
  std::string problem = "no mailbox among the reserved ranges of /proc/iomem";
  for (const std::uint64_t address : mailbox_candidates(read_text("/proc/iomem", 64 << 10))) {
    void* mapped = ::mmap(nullptr, kvm::kMailboxBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                          static_cast<off_t>(address));
    if (mapped == MAP_FAILED) {
      problem = "cannot map the mailbox: " + std::string(std::strerror(errno));
      continue;
    }
    auto* header = static_cast<kvm::MailboxHeader*>(mapped);
    if (header->magic == kvm::kMailboxMagic && header->version == kvm::kMailboxVersion) {
      ::madvise(mapped, kvm::kMailboxBytes,
                MADV_DONTFORK);  // neither workers nor the scheduler begin with it
      mailbox.base = static_cast<char*>(mapped);
      mailbox.header = header;
      mailbox.size = kvm::kMailboxBytes;
      problem.clear();
      break;
    }
    ::munmap(mapped, kvm::kMailboxBytes);
  }
  ::close(fd);
  return problem;
}

std::string unpack_files(const std::vector<FileSpec>& files, const char* mailbox, const std::string& root) {
  for (const FileSpec& file : files) {
    if (!is_clean_path(file.path)) return "not a clean path: " + file.path;
    const std::string path = root + file.path;
    for (std::size_t slash = path.find('/', root.size() + 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      ::mkdir(path.substr(0, slash).c_str(), 0755);
    }
    ::unlink(path.c_str());
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return "cannot create " + path + ": " + std::strerror(errno);
    std::uint64_t done = 0;
    while (done < file.size) {
      const ssize_t n = ::write(fd, mailbox + file.offset + done, file.size - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        const int error = errno;
        ::close(fd);
        return "cannot write " + path + ": " + std::strerror(error) + " (give the guest more memory)";
      }
      done += static_cast<std::uint64_t>(n);
    }
    ::fchmod(fd, file.mode);
    ::close(fd);
  }
  return {};
}

std::string apply_sysctl(const std::string& name, const std::string& value) {
  std::string path = "/proc/sys/" + name;
  std::replace(path.begin() + static_cast<long>(std::strlen("/proc/sys/")), path.end(), '.', '/');
  if (!is_clean_path(path)) return "not a sysctl name: " + name;
  const std::string error = write_text(path, value);
  return error.empty() ? error : "cannot set sysctl " + name + "=" + value + ": " + error;
}

void enable_schedstats() { apply_sysctl("kernel.sched_schedstats", "1"); }

void enable_bpf_statistics() { apply_sysctl("kernel.bpf_stats_enabled", "1"); }

}  // namespace ktstr::agent
