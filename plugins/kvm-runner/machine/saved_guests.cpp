// SPDX-License-Identifier: Apache-2.0
#include "machine/saved_guests.hpp"

#include "machine/child.hpp"
#include "machine/files.hpp"
#include "machine/initramfs.hpp"
#include "machine/kernel_image.hpp"
#include "machine/mailbox_view.hpp"
#include "machine/qemu_process.hpp"

namespace ktstr::kvm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// What the guest itself said about not coming up; empty when it said nothing.
std::string guest_words(const MachineRequest& request, const MachineFiles& files, const GuestMemory& memory) {
  const std::string console = kit::read_tail(files.console(), kConsoleTail),
                    panic = line_with(console, "Kernel panic");
  const std::string words = MailboxView(memory, mailbox_place(request)).last_words();
  return (words.empty() ? "" : "; agent: " + words) + (!panic.empty() ? "; console: " + panic
                                                       : console.empty()
                                                           ? std::string()
                                                           : "; console: " + last_line(console));
}

/// What saved guests are made with.
struct TemplateRoom {
  const MachineEnvironment& environment;
  const MachineRequest& request;
  const MachineFiles& files;
  const GuestMemory& memory;
  const std::atomic<bool>& cancel;
};

/// Lets a guest run until it pauses itself, and saves its state (the RAM stays in its memory). `before`: it
/// is restored and does that; else it boots.
void save_guest(const TemplateRoom& room, const std::filesystem::path& kernel, const GuestWork* before) {
  const auto& [environment, request, files, memory, cancel] = room;
  const BootKind kind = before != nullptr ? BootKind::kAttach : BootKind::kTemplate;
  Child qemu(qemu_command(environment.qemu, request, files, memory, kind, kernel), files.errors(),
             placement_of(request), memory.descriptors());
  const auto deadline = Clock::now() + request.boot_deadline;
  MailboxView mailbox(memory, mailbox_place(request));
  // A guest that is done has a result instead of a pause, and may take its time to go down.
  const auto alive = [&, &stop = cancel] {
    return !stop && !qemu.wait_for(milliseconds(0)) && mailbox.stage() != Stage::kDone;
  };
  try {
    Qmp qmp(files.socket(), deadline, alive);
    if (before != nullptr) {
      load_template(qmp, deadline);
      mailbox.write_work(*before, request.deterministic, kGoAttach);
    }
    let_go(qemu, qmp, request, deadline, {});
    // Nothing is sent while the guest runs: it pauses itself at an exact instruction, and QEMU reports that.
    if (!qmp.wait_for_event("STOP", deadline)) {
      if (before != nullptr) throw NotAttached();
      throw FileError("the guest did not boot");
    }
    leave_memory_out(qmp, deadline);
    qmp.human("savevm t", deadline);
    qmp.call("quit", {}, deadline);
    for (const auto end = Clock::now() + std::chrono::seconds(20); !qemu.wait_for(milliseconds(50));) {
      if (cancel || Clock::now() > end) throw FileError("QEMU did not quit after saving a guest");
    }
  } catch (const NotAttached&) {
    if (cancel) throw Cancelled{};
    throw;
  } catch (const FileError& failure) {
    if (cancel) throw Cancelled{};
    const FileError told = qemu_failure(failure, qemu, files);
    throw FileError(told.what() + guest_words(request, files, memory), told.hint);
  }
}

}  // namespace

void SavedGuests::boot(const std::string& kernel_hash, const MachineFiles& files,
                       const GuestMemory& memory) const {
  const auto begin = Clock::now();
  const auto kernel = bootable_kernel(request_.kernel_image, kernel_hash, environment_.cache_dir, note_);
  MailboxView(memory, mailbox_place(request_)).write_template_header();
  write_file_atomically(files.initramfs(), make_initramfs(read_file(environment_.agent, 64 << 20)));
  run_command({"qemu-img", "create", "-q", "-f", "qcow2", files.state().string(), "64M"},
              std::chrono::seconds(30), cancel_);
  save_guest({environment_, request_, files, memory, cancel_}, kernel, nullptr);
  keep_boot_time(environment_.cache_dir, Clock::now() - begin);
}

TemplateCopy SavedGuests::copy(const MachineFiles& files, GuestMemory& memory, const std::string& kernel_hash,
                               const std::string& qemu_version, const GuestWork* before,
                               const std::function<void()>& beside) const {
  const std::string booted = template_key(
      request_, kernel_hash, cached_file_hash(environment_.agent, environment_.cache_dir), qemu_version);
  const auto copy_booted = [&](const MachineFiles& to, GuestMemory& in,
                               const std::function<void()>& meanwhile) {
    return copy_template(
        environment_, booted, to, in,
        "booting a guest to start others from (once per kernel and topology" +
            last_boot(environment_.cache_dir) + ")",
        [&](const MachineFiles& where, const GuestMemory& empty) { boot(kernel_hash, where, empty); },
        meanwhile, note_, cancel_);
  };
  if (before == nullptr) return copy_booted(files, memory, beside);
  const auto attach = [&](const MachineFiles& where, GuestMemory& empty) {
    copy_booted(where, empty, {});
    save_guest({environment_, request_, where, empty, cancel_}, {}, before);
  };
  return copy_template(environment_, attached_key(booted, *before), files, memory,
                       "attaching the scheduler in a guest to start others from (once per scheduler)", attach,
                       beside, note_, cancel_);
}

}  // namespace ktstr::kvm
