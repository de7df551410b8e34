// SPDX-License-Identifier: Apache-2.0
#include "measure/host_context.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace fs = std::filesystem;
namespace {

std::string first_line(const fs::path& path) { return kit::first_line(path).substr(0, 4096); }

std::string value_in(const char* file, std::string_view key, std::string_view separator) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t at = line.find(separator);
    if (at == std::string::npos) return {};
    const std::size_t begin = line.find_first_not_of(" \t", at + separator.size());
    return begin == std::string::npos ? std::string() : line.substr(begin);
  }
  return {};
}

std::vector<fs::path> sorted_entries(const char* directory, std::string_view prefix) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(prefix)) out.push_back(it->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Mean of all CPUs' "cpu MHz"; 0 where the architecture does not tell.
double mean_cpu_mhz() {
  std::ifstream file("/proc/cpuinfo");
  double sum = 0;
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("cpu MHz")) continue;
    sum += std::strtod(line.c_str() + std::min(line.size(), line.find(':') + 1), nullptr);
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

}  // namespace

json::object host_context() {
  json::object host;
  const auto put = [&](const char* key, const std::string& value) {
    if (!value.empty()) host[key] = printable(value);
  };
  utsname name{};
  ::uname(&name);
  put("kernel_name", name.sysname);
  put("kernel_release", name.release);
  put("arch", name.machine);
  put("cpu_model", value_in("/proc/cpuinfo", "model name", ":"));
  put("cpu_vendor", value_in("/proc/cpuinfo", "vendor_id", ":"));
  if (const std::string total = value_in("/proc/meminfo", "MemTotal", ":"); !total.empty())
    host["total_memory_kb"] = std::atoll(total.c_str());
  host["online_cpus"] = static_cast<std::int64_t>(::sysconf(_SC_NPROCESSORS_ONLN));
  std::error_code error;
  const auto nodes = sorted_entries("/sys/devices/system/node", "node");
  if (const auto count =
          std::count_if(nodes.begin(), nodes.end(),
                        [](const fs::path& p) {
                          return std::isdigit(static_cast<unsigned char>(p.filename().string().back())) != 0;
                        });
      count > 0) {
    host["numa_nodes"] = count;
  }
  for (const auto& [key, field] :
       {std::pair{"hugepages_total", "HugePages_Total"}, {"hugepages_size_kb", "Hugepagesize"}}) {
    if (const std::string value = value_in("/proc/meminfo", field, ":"); !value.empty())
      host[key] = std::atoll(value.c_str());
  }
  put("thp_enabled", first_line("/sys/kernel/mm/transparent_hugepage/enabled"));
  put("thp_defrag", first_line("/sys/kernel/mm/transparent_hugepage/defrag"));
  put("kernel_cmdline", first_line("/proc/cmdline"));
  put("boot_id", first_line("/proc/sys/kernel/random/boot_id"));
  json::object governors;
  for (const fs::path& cpu : sorted_entries("/sys/devices/system/cpu", "cpu")) {
    if (const std::string governor = first_line(cpu / "cpufreq/scaling_governor"); !governor.empty())
      governors[cpu.filename().string()] = printable(governor);
  }
  if (!governors.empty()) host["cpufreq_governor"] = std::move(governors);
  json::object values;
  for (const fs::path& tunable : sorted_entries("/proc/sys/kernel", "sched_")) {
    if (fs::is_regular_file(tunable, error))
      values[tunable.filename().string()] = printable(first_line(tunable));
  }
  if (!values.empty()) host["sched_tunables"] = std::move(values);
  return host;
}

json::object host_readings() {
  json::object readings;
  if (const std::string free = value_in("/proc/meminfo", "HugePages_Free", ":"); !free.empty())
    readings["hugepages_free"] = std::atoll(free.c_str());
  if (const std::string load = first_line("/proc/loadavg"); !load.empty())
    readings["load_1m"] = std::strtod(load.c_str(), nullptr);
  if (const std::string running = value_in("/proc/stat", "procs_running", " "); !running.empty())
    readings["procs_running"] = std::atoll(running.c_str());
  if (const double mhz = mean_cpu_mhz(); mhz > 0) readings["cpu_mhz"] = mhz;
  double hottest = 0;
  for (const fs::path& zone : sorted_entries("/sys/class/thermal", "thermal_zone"))
    hottest = std::max(hottest, std::strtod(first_line(zone / "temp").c_str(), nullptr) / 1000);
  if (hottest > 0) readings["temperature_c"] = hottest;
  return readings;
}

}  // namespace ktstr
