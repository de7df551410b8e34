// SPDX-License-Identifier: Apache-2.0
#include "manifest/scheduler_spec.hpp"

#include <algorithm>
#include <cctype>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "manifest/keys.hpp"
#include "manifest/metric_reader.hpp"
#include "manifest/names.hpp"

namespace ktstr::kvm {
namespace {

std::vector<std::pair<std::string, std::string>> parse_environment(const Located& located) {
  if (!located.value->is_object()) wrong(located.place, "an object of names and values", *located.value);
  std::vector<std::pair<std::string, std::string>> variables;
  for (const auto& entry : located.value->get_object()) {
    const std::string name(entry.key());
    const Located value{&entry.value(), located.place + '.' + printable_start(name, 80)};
    const bool sound = !name.empty() && name.size() <= 128 &&
                       std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
                       std::all_of(name.begin(), name.end(),
                                   [](char c) { return c != '-' && c != '.' && is_name_character(c); });
    if (!sound) refuse(value.place, "an environment variable is named with letters, digits and '_'");
    std::string text = value.text(4096);
    if (text.find('\0') != std::string::npos) wrong(value.place, "a text without NUL bytes", *value.value);
    variables.emplace_back(name, std::move(text));
  }
  if (variables.size() > 64) refuse(located.place, "more than 64 environment variables");
  return variables;
}

/// "a/b.json": the same path from the project's directory and from the scheduler's in the guest.
SchedulerFile parse_scheduler_file(const Located& located) {
  const auto sound = [](const Located& path, bool absolute_too) {
    const std::string text = path.text(1024);
    const std::filesystem::path clean = std::filesystem::path(text).lexically_normal();
    const bool inside = !text.empty() && !text.ends_with('/') && text.find('\0') == std::string::npos &&
                        *clean.begin() != ".." && (absolute_too || clean.is_relative());
    if (!inside)
      wrong(
          path.place,
          absolute_too ? "a path in the guest" : "the path of a file, relative to the project and inside it",
          *path.value);
    return clean;
  };
  SchedulerFile file;
  if (located.value->is_string()) {
    file.from = sound(located, false);
    file.to = std::string(SchedulerSpec::kDirectory) + file.from.string();
    return file;
  }
  const StrictObject object(located, keys::kSchedulerFile);
  file.from = sound(object.get("from"), false);
  const std::filesystem::path to = sound(object.get("to"), true);
  file.to = to.is_absolute() ? to.string() : std::string(SchedulerSpec::kDirectory) + to.string();
  KTSTR_ASSERT(file.to.starts_with('/') && file.from.is_relative());
  for (const std::string_view taken : {"/proc/", "/sys/", "/dev/", "/opt/ktstr/bin/", "/init"}) {
    if (file.to.starts_with(taken))
      refuse(object.get("to").place,
             "nothing can be put at " + printable_start(file.to, 200) + " in the guest");
  }
  return file;
}

}  // namespace

void parse_program(const StrictObject& object, ProgramSpec& program) {
  program.name = parse_name(object.get("name"), 64);
  const Located& binary = object.get("binary");
  const std::string path = binary.text(4096);
  if (path.empty() || path.find('\0') != std::string::npos)
    wrong(binary.place, "the path of a program", *binary.value);
  program.binary = path;
  if (const Located* args = object.find("args")) {
    for (const Located& item : args->items(0, 64)) {
      std::string arg = item.text(1024);
      if (arg.find('\0') != std::string::npos)
        wrong(item.place, "an argument without NUL bytes", *item.value);
      program.args.push_back(std::move(arg));
    }
  }
  if (const Located* environment = object.find("env")) program.environment = parse_environment(*environment);
  if (const Located* files = object.find("files")) {
    for (const Located& item : files->items(0, 64)) program.files.push_back(parse_scheduler_file(item));
  }
}

std::optional<SchedulerSpec> parse_scheduler(const Located& located) {
  if (located.is_null()) return std::nullopt;
  if (located.value->is_string()) {
    if (std::string_view(located.value->get_string()) == kKernelScheduler) return std::nullopt;
    wrong(located.place, "\"eevdf\" or an object with name and binary", *located.value);
  }
  const StrictObject object(located, keys::kScheduler);
  SchedulerSpec scheduler;
  parse_program(object, scheduler);
  if (scheduler.name == kKernelScheduler)
    refuse(object.get("name").place, "\"eevdf\" names the kernel's own scheduler",
           "give the binary another name");
  if (const Located* timeout = object.find("attach_timeout_ms")) {
    scheduler.attach_timeout_ms = static_cast<std::uint32_t>(timeout->integer(100, 600'000));
  }
  if (const Located* timeout = object.find("watchdog_timeout_ms")) {
    scheduler.watchdog_timeout_ms =
        static_cast<std::uint32_t>(timeout->integer(100, 30'000));  // sched_ext takes no more
  }
  if (const Located* metrics = object.find("metrics")) {
    for (const auto& [name, metric] : metrics->members())
      scheduler.metrics.push_back(parse_scheduler_metric(name, metric));
    if (scheduler.metrics.size() > SchedulerSpec::kMostMetrics)
      refuse(metrics->place, "more than " + std::to_string(SchedulerSpec::kMostMetrics) + " metrics");
  }
  return scheduler;
}

}  // namespace ktstr::kvm
