// SPDX-License-Identifier: Apache-2.0
#include "measure/guest_shell.hpp"

#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

ShellAnswer read_answer(const Located& told, bool dry_run) {
  const OpenObject object(told);
  ShellAnswer answer;
  answer.command_line = object.get("command_line").texts();
  if (dry_run) return answer;
  answer.exit_status = static_cast<int>(object.get("exit_status").integer(0, 255));
  answer.out = object.text("out");
  answer.err = object.text("err");
  return answer;
}

VerifiedScheduler read_scheduler(const Located& told) {
  const OpenObject object(told);
  VerifiedScheduler scheduler;
  scheduler.name = object.get("name").text();
  scheduler.loaded = object.get("loaded").boolean();
  scheduler.message = object.text("message");
  scheduler.log = object.text("log");
  for (const Located& item : object.get("programs").items()) {
    const OpenObject program(item);
    scheduler.programs.push_back(
        {program.get("name").text(), program.get("verified_insns").integer(0, UINT64_MAX)});
  }
  return scheduler;
}

}  // namespace

Result<std::optional<ShellAnswer>> open_shell(const AppContext& context, RunnerPort& runner,
                                              const Kernel& kernel, const ShellWish& wish) {
  json::object shell{{"gdb", wish.gdb}, {"dry_run", wish.dry_run}, {"as_test", wish.as_test}};
  if (wish.test != nullptr) shell["test"] = wish.test->name;
  if (!wish.topology.empty()) shell["topology"] = wish.topology;
  if (wish.command) shell["command"] = *wish.command;
  RunnerRequest request;
  request.project_dir = context.config.project_dir;
  if (wish.test != nullptr) {
    auto manifests = expand_manifests(context.config.tests, context.config.project_dir);
    if (!manifests) return manifests.error();
    request.manifests = std::move(*manifests);  // all of them: they decide what each test is called
  }
  request.kernel = &kernel;
  request.deterministic = wish.deterministic;
  request.more = {{"shell", std::move(shell)}};
  const auto told = runner.shell(runner_request(context, request));
  if (!told) return told.error();
  if (!*told) return std::optional<ShellAnswer>();
  auto answer = read_document(**told, "what the runner says of the shell", {}, ExitCode::kPlugin,
                              [&](const Located& document) { return read_answer(document, wish.dry_run); });
  if (!answer) return answer.error();
  return std::optional(std::move(*answer));
}

Result<std::optional<std::vector<VerifiedScheduler>>> verify_schedulers(
    const AppContext& context, RunnerPort& runner, const Kernel& kernel,
    const std::vector<std::string>& schedulers) {
  using Schedulers = std::vector<VerifiedScheduler>;
  auto manifests = expand_manifests(context.config.tests, context.config.project_dir);
  if (!manifests && schedulers.empty()) return manifests.error();  // a program needs no test
  RunnerRequest request;
  request.project_dir = context.config.project_dir;
  if (manifests) request.manifests = std::move(*manifests);
  request.kernel = &kernel;
  request.more = {{"schedulers", json::array(schedulers.begin(), schedulers.end())}};
  const auto told = runner.verify(runner_request(context, request));
  if (!told) return told.error();
  if (!*told) return std::optional<Schedulers>();
  auto read = read_document(**told, "what the runner says of the schedulers", {}, ExitCode::kPlugin,
                            [](const Located& document) {
                              Schedulers list;
                              for (const Located& item : OpenObject(document).get("schedulers").items())
                                list.push_back(read_scheduler(item));
                              return list;
                            });
  if (!read) return read.error();
  return std::optional(std::move(*read));
}

}  // namespace ktstr
