// SPDX-License-Identifier: Apache-2.0
//
// The header of the mailbox after a guest has written over it.
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "machine/mailbox_view.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ktstr::kvm;
  static GuestMemory memory({kMailboxBytes});
  static MailboxView mailbox(memory, {0, kMailboxBytes});
  static auto* const guest = static_cast<char*>(
      ::mmap(nullptr, kMailboxBytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory.node(0).fd, 0));
  GuestWork work;
  work.make_spec = [](const std::vector<std::uint64_t>&) { return std::string("{}"); };
  mailbox.write_work(work);
  std::memcpy(guest, data, std::min(size, sizeof(MailboxHeader)));  // the guest's turn
  std::string result;
  if (static_cast<std::uint32_t>(mailbox.stage()) > static_cast<std::uint32_t>(Stage::kDone)) std::abort();
  if (mailbox.last_words().size() > 1000) std::abort();
  const bool read = mailbox.read_result(result);
  if (read != !result.empty() || result.size() > kMailboxBytes) std::abort();
  std::memset(guest, 0, sizeof(MailboxHeader));
  return 0;
}
