// SPDX-License-Identifier: Apache-2.0
#include "doctor/machine_checks.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <charconv>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>
#include <set>
#include <thread>

#include "measure/host_context.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kMiB = 1ULL << 20, kLittleMemory = 1024 * kMiB, kLittleShared = 512 * kMiB;
constexpr const char* kMachine = "machine";

/// MemAvailable, in bytes; nothing when the text has none.
std::optional<std::uint64_t> memory_in(std::string_view meminfo) {
  constexpr std::string_view kKey = "MemAvailable:";
  const std::size_t at = meminfo.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t digits = meminfo.find_first_not_of(' ', at + kKey.size());
  std::uint64_t kib = 0;
  if (digits == std::string_view::npos) return std::nullopt;
  std::from_chars(meminfo.data() + digits, meminfo.data() + meminfo.size(), kib);
  return kib * 1024;
}

/// Tries it on a thread of its own, which then ends.
bool may_be_real_time() {
  bool may = false;
  std::thread([&may] {
    sched_param wanted{};
    wanted.sched_priority = 1;
    may = ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &wanted) == 0;
  }).join();
  return may;
}

Check load_check(const MachineFacts& facts) {
  if (!facts.load_1m) return fine(kMachine, "load", "not known");
  const std::string found = fixed(*facts.load_1m, 1) + " on " + counted(facts.cpus, "CPU", "CPUs");
  if (*facts.load_1m < 0.5 * facts.cpus) return fine(kMachine, "load", found);
  return {kMachine, "load", CheckState::kWarn, found + ": figures in real time will be noisy",
          "end what else runs here, or measure in virtual time: --deterministic"};
}

Check governor_check(const MachineFacts& facts) {
  std::set<std::string> different;
  for (const auto& [cpu, governor] : facts.governors) different.insert(governor);
  if (different.empty()) return fine(kMachine, "governor", "the CPUs have none that can be seen");
  const std::string found = join(different, ", ");
  if (different == std::set<std::string>{"performance"}) return fine(kMachine, "governor", found);
  return {kMachine, "governor", CheckState::kWarn, found + ": clock speeds change while tests run",
          "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"};
}

Check memory_check(const MachineFacts& facts) {
  if (!facts.available_memory) return fine(kMachine, "memory", "not known");
  const std::string found = bytes_text(*facts.available_memory) + " available";
  if (*facts.available_memory >= kLittleMemory) return fine(kMachine, "memory", found);
  return {kMachine, "memory", CheckState::kWarn, found, "free some: a test may need more"};
}

Check shared_memory_check(const MachineFacts& facts) {
  if (!facts.shared_memory) {
    return {kMachine, "/dev/shm", CheckState::kWarn, "there is none that can be looked at",
            "mount -t tmpfs tmpfs /dev/shm"};
  }
  const std::string found =
      bytes_text(facts.shared_memory->free) + " free of " + bytes_text(facts.shared_memory->total);
  if (facts.shared_memory->free >= kLittleShared) return fine(kMachine, "/dev/shm", found);
  return {kMachine, "/dev/shm", CheckState::kWarn, found,
          "mount -o remount,size=2G /dev/shm; in a container: docker run --shm-size=2g"};
}

Check real_time_check(const MachineFacts& facts) {
  if (facts.real_time) return fine(kMachine, "real time", "real-time priorities are permitted");
  return {
      kMachine, "real time", CheckState::kWarn, "real-time priorities are not permitted",
      "as root: echo \"$USER - rtprio 10\" >> /etc/security/limits.conf, and log in again; in a container: "
      "--cap-add SYS_NICE"};
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
  const bool large = bytes >= 1024 * kMiB;
  const std::uint64_t tenths = bytes * 10 / (large ? 1024 * kMiB : kMiB);
  return std::to_string(tenths / 10) + (large ? "." + std::to_string(tenths % 10) + " GiB" : " MiB");
}

std::optional<MachineFacts::Room> room_of(std::filesystem::path path) {
  struct statvfs info {};
  while (::statvfs(path.c_str(), &info) != 0) {
    if (!path.has_relative_path()) return std::nullopt;
    path = path.parent_path();
  }
  return MachineFacts::Room{info.f_blocks * info.f_frsize, info.f_bavail * info.f_frsize};
}

MachineFacts machine_facts() {
  MachineFacts facts;
  const json::object host = host_context(), readings = host_readings();
  if (const json::value* cpus = host.if_contains("online_cpus"); cpus != nullptr)
    facts.cpus = std::max(1U, cpus->to_number<unsigned>());
  if (const json::value* load = readings.if_contains("load_1m"); load != nullptr)
    facts.load_1m = load->to_number<double>();
  if (const json::value* governors = host.if_contains("cpufreq_governor"); governors != nullptr) {
    for (const auto& governor : governors->as_object())
      facts.governors.emplace_back(governor.key(), governor.value().as_string());
  }
  if (const auto meminfo = read_file("/proc/meminfo", 1 << 20)) facts.available_memory = memory_in(*meminfo);
  std::error_code error;
  if (std::filesystem::is_directory("/dev/shm", error)) facts.shared_memory = room_of("/dev/shm");
  facts.real_time = may_be_real_time();
  return facts;
}

Checks machine_checks(const MachineFacts& facts) {
  return {load_check(facts), governor_check(facts), memory_check(facts), shared_memory_check(facts),
          real_time_check(facts)};
}

}  // namespace ktstr
