// SPDX-License-Identifier: Apache-2.0
#include "agent/spec.hpp"

#include <algorithm>

#include "agent/spec_reader.hpp"

namespace ktstr::agent {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kMaxFiles = 256, kMaxOthers = 64, kMaxReadings = 64;

ReadingSpec reading_of(const json::value& value, const std::string& where) {
  const json::object& object = object_of(value, where);
  const auto text = [&](std::string_view key) {
    return text_of(member(object, key, where), where + "." + std::string(key));
  };
  ReadingSpec out{text("name"),   text("variable"), text("map"), number_of(object, "key", where, INT64_MAX),
                  text("socket"), text("request")};
  if (out.variable.empty() + out.map.empty() + out.socket.empty() != 2)
    throw BadSpec(where + " is not of one of variable, map and socket");
  return out;
}

SchedulerSpec scheduler_of(const json::object& object, const std::string& where) {
  SchedulerSpec out;
  out.name = text_of(member(object, "name", where), where + ".name");
  out.attach_timeout_ms = number_of(object, "attach_timeout_ms", where, 3'600'000);
  out.watchdog_timeout_ms =
      static_cast<std::uint32_t>(number_of(object, "watchdog_timeout_ms", where, 30'000));
  out.watchdog_always = flag_of(object, "watchdog_always", where);
  for (const json::value& variable : array_of(object, "env", where, 256)) {
    out.environment.push_back(text_of(variable, where + ".env[]"));
    if (out.environment.back().find('=') == std::string::npos)
      throw BadSpec(where + ".env[] is not NAME=value");
  }
  for (const json::value& argument : array_of(object, "argv", where, 256))
    out.argv.push_back(text_of(argument, where + ".argv[]"));
  if (out.argv.empty()) throw BadSpec(where + ".argv is empty");
  for (const json::value& reading : array_of(object, "readings", where, kMaxReadings))
    out.readings.push_back(reading_of(reading, where + ".readings[]"));
  return out;
}

Spec spec_of(const json::object& object, std::uint64_t mailbox_size) {
  if (number_of(object, "version", "spec", 1) != 1) throw BadSpec("spec.version is not 1");
  Spec spec;
  spec.seed = number_of(object, "seed", "spec", UINT64_MAX);
  spec.root_cgroup = text_of(member(object, "root_cgroup", "spec"), "spec.root_cgroup");
  if (!spec.root_cgroup.empty() && !is_clean_path("/" + spec.root_cgroup))
    throw BadSpec("spec.root_cgroup is not a clean path");
  spec.trace = flag_of(object, "trace", "spec");
  spec.calibrate = flag_of(object, "calibrate", "spec");
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
  if (const json::value& entry = member(object, "scheduler", "spec"); !entry.is_null())
    spec.scheduler = scheduler_of(object_of(entry, "spec.scheduler"), "spec.scheduler");
  for (const json::value& entry : array_of(object, "others", "spec", kMaxOthers)) {
    const std::string where = "spec.others[" + std::to_string(spec.others.size()) + "]";
    spec.others.push_back(scheduler_of(object_of(entry, where), where));
  }
  spec.scenario =
      scenario_of(object_of(member(object, "scenario", "spec"), "spec.scenario"), spec.others.size());
  return spec;
}

}  // namespace

const SchedulerSpec* Spec::find_scheduler(std::string_view name) const {
  if (scheduler && scheduler->name == name) return &*scheduler;
  for (const SchedulerSpec& other : others) {
    if (other.name == name) return &other;
  }
  return nullptr;
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
