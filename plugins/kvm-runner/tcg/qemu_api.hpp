// SPDX-License-Identifier: Apache-2.0
//
// As much of the interface of QEMU's TCG plugins (https://www.qemu.org/docs/master/devel/tcg-plugins.html) as
// is used here, in the form that version 4 (QEMU 9.2) gave it. Declared here because no package of Debian has
// QEMU's own header. QEMU itself defines these functions, and GLib's are there because QEMU is linked with
// it.
#pragma once
#include <cstddef>
#include <cstdint>

extern "C" {

struct qemu_plugin_tb;    // a block of translated instructions
struct qemu_plugin_insn;  // one of them
struct qemu_plugin_register;

using qemu_plugin_id_t = std::uint64_t;

/// What a plugin is told when it is loaded.
struct qemu_info_t {
  const char* target_name;
  struct {
    int min, cur;
  } version;
  bool system_emulation;
  int smp_vcpus, max_vcpus;
};

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_CB_RW_REGS };

struct GByteArray {
  std::uint8_t* data;
  unsigned len;
};
struct GArray {
  char* data;
  unsigned len;
};
struct qemu_plugin_reg_descriptor {
  qemu_plugin_register* handle;
  const char* name;
  const char* feature;
};

using qemu_plugin_vcpu_udata_cb_t = void (*)(unsigned vcpu, void* userdata);

void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, unsigned vcpu));
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*cb)(qemu_plugin_id_t, qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb* tb, qemu_plugin_vcpu_udata_cb_t cb,
                                          qemu_plugin_cb_flags flags, void* userdata);
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn* insn, qemu_plugin_vcpu_udata_cb_t cb,
                                            qemu_plugin_cb_flags flags, void* userdata);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* tb);
std::uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb* tb);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* tb, std::size_t index);
std::uint64_t qemu_plugin_insn_vaddr(const qemu_plugin_insn* insn);

GArray* qemu_plugin_get_registers();
int qemu_plugin_read_register(qemu_plugin_register* handle, GByteArray* buffer);
bool qemu_plugin_read_memory_vaddr(std::uint64_t address, GByteArray* data, std::size_t size);

GByteArray* g_byte_array_new();
GByteArray* g_byte_array_set_size(GByteArray* array, unsigned length);
char* g_array_free(GArray* array, int free_segment);

/// The virtual CPU that this thread runs. No part of the interface, but what Debian's QEMU lets its modules
/// see, and needed: with one thread for all CPUs, QEMU 10.0 gives a callback the number of the CPU that its
/// block was *translated* on, and lets inline operations on scoreboards overwrite constants of the block.
extern __thread void* current_cpu;
}
