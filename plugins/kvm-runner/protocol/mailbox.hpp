// SPDX-License-Identifier: Apache-2.0
//
// The mailbox: the one channel between the runner and the agent inside the guest.
//
// It is a range of guest-physical memory that the guest kernel never touches (`memmap=` reserves it; the
// agent finds it among the reserved ranges of /proc/iomem by its magic number, maps it from /dev/mem and then
// takes that device away). Guest RAM is a file that the runner maps too, so both sides see the same bytes.
// Nothing here has a host-timed reply, which is what deterministic mode needs: the runner writes header, spec
// and files *before* the vCPUs run and reads the result *after* the guest has powered off; while the guest
// runs it only ever reads `stage` and `heartbeat`.
//
//   0 ................ MailboxHeader (one 4 KiB page), and the monitor map at 2048 (agent -> runner)
//   spec_offset ...... spec, UTF-8 JSON (runner -> agent), see docs/guest-protocol.md; read once and wiped
//   files follow ..... contents of the files named in the spec (scheduler, libraries), at offsets that the
//                      spec gives
//   result_offset .... result, UTF-8 JSON (agent -> runner)
//
// All integers are little-endian. Offsets count from the start of the mailbox. Everything the agent writes is
// untrusted: the runner checks every offset and size against the mailbox before it reads.
#pragma once
#include <cstdint>

namespace ktstr::kvm {

inline constexpr std::uint64_t kMailboxMagic = 0x31424d525453544bULL;  // "KTSTRMB1" in memory order
inline constexpr std::uint32_t kMailboxVersion = 4;
inline constexpr std::uint64_t kMailboxHeaderSize = 4096;
/// What `go` says: what the agent is to do once the machine runs.
inline constexpr std::uint32_t kGoPause = 0;   ///< pause, so that the machine can be saved, and read again
inline constexpr std::uint32_t kGoRun = 1;     ///< the spec is complete: run it
inline constexpr std::uint32_t kGoAttach = 2;  ///< attach the spec's scheduler, pause, and read the next spec
/// The port of QEMU's pvpanic, by which the agent pauses the machine.
inline constexpr unsigned short kPausePort = 0x505;
inline constexpr std::uint64_t kMailboxBytes = 192ULL << 20;  // sparse: what nobody writes costs nothing
/// The mailbox ends at or below this address, where q35 has memory and no devices.
inline constexpr std::uint64_t kMailboxCeiling = 0x80000000ULL;

/// How far the agent has come. Only grows during one run.
enum class Stage : std::uint32_t {
  kNone = 0,               ///< the agent has not started (or the machine never booted)
  kBooted = 1,             ///< the agent runs as pid 1 and has mapped the mailbox
  kReady = 2,              ///< waiting for `go`; the machine pauses itself here when a template is made
  kSpecRead = 3,           ///< the spec is parsed and the files are unpacked
  kSchedulerStarting = 4,  ///< the scheduler binary was started, sched_ext does not report it enabled yet
  kSchedulerAttached =
      5,  ///< sched_ext is enabled with our scheduler (skipped with the kernel's own scheduler)
  kScenarioStarted = 6,   ///< the workers were released
  kScenarioFinished = 7,  ///< the workers have stopped and reported
  kDone = 8,              ///< result_size bytes of result are complete; the guest powers off next
};

struct MailboxHeader {
  std::uint64_t magic;        ///< runner: kMailboxMagic
  std::uint32_t version;      ///< runner: kMailboxVersion
  std::uint32_t go;           ///< runner: kGoPause …; the agent takes it back to kGoPause before it pauses
  std::uint64_t spec_offset;  ///< runner
  std::uint64_t spec_size;    ///< runner
  std::uint64_t result_offset;  ///< runner: where the agent may write its result
  std::uint64_t result_limit;   ///< runner: how many bytes it may write there
  std::uint64_t result_size;    ///< agent: bytes of result; valid once stage is kDone
  std::uint32_t stage;          ///< agent: Stage
  std::uint32_t agent_error;  ///< agent: errno of a failure so early that no result could be written, else 0
  std::uint64_t heartbeat;  ///< agent: incremented at least every 100 ms of guest time while a scenario runs
  std::uint64_t scenario_ns;     ///< agent: guest CLOCK_MONOTONIC when the workers were released
  char last_words[256];          ///< agent: NUL-terminated reason for agent_error
  std::uint64_t beat_ns;         ///< agent: guest CLOCK_MONOTONIC at the last heartbeat of a scenario
  std::uint64_t stop_to_sample;  ///< runner: 1 = the machine is to be stopped at each of them
  /// runner: hexadecimal digits, others for each machine; the result must carry them. The agent wipes them
  /// here. They are no part of the spec and only ever copied: an instruction that depended on their value
  /// would make one run of a guest in virtual time another than the next.
  char nonce[32];
};
static_assert(sizeof(MailboxHeader) == 80 + 256 + 16 + 32, "the mailbox header is part of the protocol");
static_assert(sizeof(MailboxHeader) <= kMailboxHeaderSize);

}  // namespace ktstr::kvm
