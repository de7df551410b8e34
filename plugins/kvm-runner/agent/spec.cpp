// SPDX-License-Identifier: Apache-2.0
#include "agent/spec.hpp"

#include <boost/json.hpp>
#include <stdexcept>

namespace ktstr::agent {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kMaxWorkers = 1024, kMaxCgroups = 256, kMaxFiles = 256;

struct BadSpec : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const json::value& member(const json::object& object, std::string_view key, const std::string& where) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) throw BadSpec(where + "." + std::string(key) + " is missing");
  return *value;
}

const json::object& object_of(const json::value& value, const std::string& where) {
  if (!value.is_object()) throw BadSpec(where + " is not an object");
  return value.get_object();
}

const json::array& array_of(const json::object& object, std::string_view key, const std::string& where,
                            std::size_t limit) {
  const json::value& value = member(object, key, where);
  if (!value.is_array() || value.get_array().size() > limit)
    throw BadSpec(where + "." + std::string(key) + " is not an array of at most " + std::to_string(limit));
  return value.get_array();
}

std::uint64_t number_of(const json::object& object, std::string_view key, const std::string& where,
                        std::uint64_t max) {
  const json::value& value = member(object, key, where);
  std::uint64_t number = 0;
  if (value.is_int64() && value.get_int64() >= 0) {
    number = static_cast<std::uint64_t>(value.get_int64());
  } else if (value.is_uint64()) {
    number = value.get_uint64();
  } else {
    throw BadSpec(where + "." + std::string(key) + " is not a whole number");
  }
  if (number > max) throw BadSpec(where + "." + std::string(key) + " is larger than " + std::to_string(max));
  return number;
}

bool flag_of(const json::object& object, std::string_view key, const std::string& where) {
  const json::value& value = member(object, key, where);
  if (!value.is_bool()) throw BadSpec(where + "." + std::string(key) + " is not true or false");
  return value.get_bool();
}

std::string text_of(const json::value& value, const std::string& where) {
  if (!value.is_string()) throw BadSpec(where + " is not a string");
  std::string text(value.get_string());
  if (text.find('\0') != std::string::npos) throw BadSpec(where + " holds a NUL");
  return text;
}

CgroupSpec cgroup_of(const json::object& object, const std::string& where) {
  CgroupSpec cgroup;
  cgroup.name = text_of(member(object, "name", where), where + ".name");
  if (cgroup.name.empty() || cgroup.name.size() > 120 || cgroup.name.front() == '.' ||
      cgroup.name.find('/') != std::string::npos) {
    throw BadSpec(where + ".name is not a usable name");
  }
  cgroup.workers = static_cast<std::uint32_t>(number_of(object, "workers", where, kMaxWorkers));
  if (const json::value& cpus = member(object, "cpuset", where); !cpus.is_null()) {
    cgroup.cpuset.emplace();
    for (const json::value& cpu : array_of(object, "cpuset", where, 1024)) {
      if (!cpu.is_int64() || cpu.get_int64() < 0 || cpu.get_int64() > 4095)
        throw BadSpec(where + ".cpuset holds something that is no CPU");
      cgroup.cpuset->push_back(static_cast<std::uint32_t>(cpu.get_int64()));
    }
    if (cgroup.cpuset->empty()) throw BadSpec(where + ".cpuset is empty");
  }
  const json::object& work = object_of(member(object, "work", where), where + ".work");
  const std::string type = text_of(member(work, "type", where + ".work"), where + ".work.type");
  cgroup.type = kvm::find_work_type(type);
  if (cgroup.type == nullptr) throw BadSpec(where + ".work.type \"" + type + "\" is not known");
  for (std::size_t i = 0; i < cgroup.type->parameters.size(); ++i) {
    const kvm::WorkParameter& parameter = cgroup.type->parameters[i];
    if (parameter.name.empty()) continue;
    cgroup.parameters[i] = number_of(work, parameter.name, where + ".work", parameter.max);
    if (cgroup.parameters[i] < parameter.min)
      throw BadSpec(where + ".work." + std::string(parameter.name) + " is too small");
  }
  const std::uint32_t group = cgroup.type->workers_per_group(cgroup.parameter("fan_out"));
  if (cgroup.workers == 0 || cgroup.workers % group != 0)
    throw BadSpec(where + ".workers is not a multiple of " + std::to_string(group));
  return cgroup;
}

Spec spec_of(const json::object& object, std::uint64_t mailbox_size) {
  if (number_of(object, "version", "spec", 1) != 1) throw BadSpec("spec.version is not 1");
  Spec spec;
  spec.nonce = text_of(member(object, "nonce", "spec"), "spec.nonce");
  if (spec.nonce.size() > 64 || spec.nonce.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw BadSpec("spec.nonce is not hexadecimal");
  spec.seed = number_of(object, "seed", "spec", UINT64_MAX);
  spec.duration_ms = number_of(object, "duration_ms", "spec", 24ULL * 3600 * 1000);
  spec.latency_reservoir = number_of(object, "latency_reservoir", "spec", 1'000'000);
  for (const json::value& entry : array_of(object, "files", "spec", kMaxFiles)) {
    const json::object& file = object_of(entry, "spec.files[]");
    FileSpec out;
    out.path = text_of(member(file, "path", "spec.files[]"), "spec.files[].path");
    out.mode = static_cast<std::uint32_t>(number_of(file, "mode", "spec.files[]", 0777));
    out.offset = number_of(file, "offset", "spec.files[]", mailbox_size);
    out.size = number_of(file, "size", "spec.files[]", mailbox_size - out.offset);
    if (!is_clean_path(out.path))
      throw BadSpec("spec.files[].path \"" + out.path + "\" is not a clean absolute path");
    spec.files.push_back(std::move(out));
  }
  for (const json::value& entry : array_of(object, "sysctls", "spec", 1024)) {
    const std::string text = text_of(entry, "spec.sysctls[]");
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw BadSpec("spec.sysctls[] \"" + text + "\" is not name=value");
    spec.sysctls.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  if (const json::value& entry = member(object, "scheduler", "spec"); !entry.is_null()) {
    const json::object& scheduler = object_of(entry, "spec.scheduler");
    SchedulerSpec out;
    out.name = text_of(member(scheduler, "name", "spec.scheduler"), "spec.scheduler.name");
    out.attach_timeout_ms = number_of(scheduler, "attach_timeout_ms", "spec.scheduler", 3'600'000);
    out.watchdog_timeout_ms =
        static_cast<std::uint32_t>(number_of(scheduler, "watchdog_timeout_ms", "spec.scheduler", 30'000));
    out.watchdog_always = flag_of(scheduler, "watchdog_always", "spec.scheduler");
    for (const json::value& variable : array_of(scheduler, "env", "spec.scheduler", 256)) {
      out.environment.push_back(text_of(variable, "spec.scheduler.env[]"));
      if (out.environment.back().find('=') == std::string::npos)
        throw BadSpec("spec.scheduler.env[] is not NAME=value");
    }
    for (const json::value& argument : array_of(scheduler, "argv", "spec.scheduler", 256)) {
      out.argv.push_back(text_of(argument, "spec.scheduler.argv[]"));
    }
    if (out.argv.empty()) throw BadSpec("spec.scheduler.argv is empty");
    spec.scheduler = std::move(out);
  }
  std::uint64_t total = 0;
  for (const json::value& entry : array_of(object, "cgroups", "spec", kMaxCgroups)) {
    const std::string where = "spec.cgroups[" + std::to_string(spec.cgroups.size()) + "]";
    spec.cgroups.push_back(cgroup_of(object_of(entry, where), where));
    total += spec.cgroups.back().workers;
  }
  if (total > kMaxWorkers) throw BadSpec("spec has more than " + std::to_string(kMaxWorkers) + " workers");
  return spec;
}

}  // namespace

std::uint64_t CgroupSpec::parameter(std::string_view parameter_name) const {
  for (std::size_t i = 0; i < type->parameters.size(); ++i) {
    if (type->parameters[i].name == parameter_name) return parameters[i];
  }
  return 0;
}

std::size_t Spec::total_workers() const {
  std::size_t total = 0;
  for (const CgroupSpec& cgroup : cgroups) total += cgroup.workers;
  return total;
}

bool is_clean_path(std::string_view path) {
  if (path.size() < 2 || path.size() > 4000 || path.front() != '/' ||
      path.find('\0') != std::string_view::npos)
    return false;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

std::optional<Spec> parse_spec(std::string_view text, std::uint64_t mailbox_size, std::string& error) {
  boost::system::error_code failure;
  const json::value value = json::parse({text.data(), text.size()}, failure);
  if (failure) {
    error = "the spec is not JSON: " + failure.message();
    return std::nullopt;
  }
  try {
    return spec_of(object_of(value, "spec"), mailbox_size);
  } catch (const BadSpec& bad) {
    error = bad.what();
    return std::nullopt;
  }
}

}  // namespace ktstr::agent
