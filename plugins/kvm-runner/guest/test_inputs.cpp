// SPDX-License-Identifier: Apache-2.0
#include "guest/test_inputs.hpp"

#include <ktstr/kit/json_writer.hpp>

#include "guest/scheduler_files.hpp"

namespace ktstr::kvm {

std::string inputs_json(const TestSpec& test, const std::filesystem::path& project_dir) {
  JsonWriter json;
  json.begin_object().key("files").begin_array().value(test.manifest.string());
  const auto add = [&](const ProgramSpec& program) {
    json.value(program.binary.string());
    for (const SchedulerFile& file : wanted_files(project_dir, program)) json.value(file.from.string());
  };
  if (test.scheduler) add(*test.scheduler);
  for (const SchedulerSpec& other : test.others) add(other);
  for (const PayloadSpec& payload : test.payloads) add(payload);
  json.end_array().key("schedulers").begin_array();
  if (test.scheduler) json.value(test.scheduler->name);
  for (const SchedulerSpec& other : test.others) json.value(other.name);
  json.end_array().end_object();
  return std::move(json).finish();
}

}  // namespace ktstr::kvm
