// SPDX-License-Identifier: Apache-2.0
// The guest as the agent sets it up: mounts, mailbox, sysctls, files. Functions that can fail return
// an error text, empty when fine.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "agent/spec.hpp"
#include "protocol/mailbox.hpp"

namespace ktstr::agent {

void mount_file_systems();
/// What programs expect of a Linux machine beyond file systems: /dev/shm and /dev/pts, /var/run, a user,
/// standard streams, loopback.
void furnish();
/// The runner's /boot/config under the name by which libbpf looks for it.
void name_kernel_configuration();

/// The mailbox, mapped.
struct Mailbox {
  kvm::MailboxHeader* header = nullptr;
  char* base = nullptr;
  std::uint64_t size = 0;

  void set_stage(kvm::Stage stage) const {
    __atomic_store_n(&header->stage, static_cast<std::uint32_t>(stage), __ATOMIC_RELEASE);
  }
  void beat() const { __atomic_store_n(&header->heartbeat, header->heartbeat + 1, __ATOMIC_RELAXED); }
};
std::string map_mailbox(Mailbox& mailbox);
/// Where the mailbox may lie, from the text of /proc/iomem: at either end of a reserved range that has room
/// for it.
std::vector<std::uint64_t> mailbox_candidates(const std::string& iomem);

std::string unpack_files(const std::vector<FileSpec>& files, const char* mailbox, const std::string& root);
std::string apply_sysctl(const std::string& name, const std::string& value);
void enable_schedstats();
void enable_bpf_statistics();

}  // namespace ktstr::agent
