// SPDX-License-Identifier: Apache-2.0
#include "array_plan.hpp"

#include <algorithm>
#include <cstdio>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr::slurm {
namespace {

bool is_node_name(const std::string& text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace

ArrayPlan plan_array(const FarmRequest& request, const std::vector<std::string>& tests, Pin pin) {
  KTSTR_ASSERT(!tests.empty() && tests.size() <= UINT32_MAX);
  ArrayPlan plan{"0-" + std::to_string(tests.size() - 1), {}};
  if (request.jobs > 0 && request.jobs < tests.size()) plan.indices += "%" + std::to_string(request.jobs);
  if (pin == Pin::kNone) return plan;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const auto node = request.nodes.find(tests[i]);
    // Out of a sidecar, which anybody may have written: as a list of nodes it would mean several.
    if (node != request.nodes.end() && is_node_name(node->second))
      plan.pins.emplace_back(static_cast<std::uint32_t>(i), node->second);
  }
  return plan;
}

std::vector<std::string> submission(const SlurmOptions& options, const ArrayPlan& plan,
                                    const std::filesystem::path& directory) {
  std::vector<std::string> argv{"sbatch",
                                "--parsable",
                                "--job-name=" + directory.filename().string(),
                                "--array=" + plan.indices,
                                "--nodes=1",
                                "--ntasks=1",
                                "--requeue",
                                "--signal=B:TERM@30",
                                "--open-mode=append",
                                "--chdir=" + directory.string(),
                                "--output=" + (directory / "log" / "%a").string()};
  const std::pair<const char*, const std::string*> names[] = {{"--partition=", &options.partition},
                                                              {"--account=", &options.account},
                                                              {"--constraint=", &options.constraint}};
  for (const auto& [flag, value] : names) {
    if (!value->empty()) argv.push_back(flag + *value);
  }
  if (options.exclusive) argv.emplace_back("--exclusive");
  if (options.time_limit.count() > 0) {  // "minutes:seconds"
    char text[32];
    std::snprintf(text, sizeof text, "--time=%lld:%02lld",
                  static_cast<long long>(options.time_limit.count() / 60),
                  static_cast<long long>(options.time_limit.count() % 60));
    argv.emplace_back(text);
  }
  if (!plan.pins.empty()) argv.emplace_back("--hold");  // until each task has its node
  argv.insert(argv.end(), options.sbatch_args.begin(), options.sbatch_args.end());
  return argv;
}

std::string task_script(const std::string& ktstr, const std::filesystem::path& directory) {
  const std::string place = kit::shell_word((directory / "out").string());
  return "#!/bin/sh\nexec " + kit::shell_word(ktstr) + " -C / plugin call run " +
         kit::shell_word((directory / "task.json").string()) + " --test \"$SLURM_ARRAY_TASK_ID\" --dir " +
         place + "/\"$SLURM_ARRAY_TASK_ID.${SLURM_RESTART_COUNT:-0}\" --node \"$SLURMD_NODENAME\"\n";
}

}  // namespace ktstr::slurm
