// SPDX-License-Identifier: Apache-2.0
#include "runner/shell.hpp"

#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/kit/text.hpp>
#include <optional>

#include "guest/scheduler_files.hpp"
#include "guest/spec_writer.hpp"
#include "manifest/manifest.hpp"
#include "runner/terminal.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint32_t kLeastMemoryMib = 512;
constexpr std::chrono::hours kDay{24};
constexpr const char* kTerminal = "/dev/ttyS1";

/// Everything that people call by its name is there; what the test brings along stays.
constexpr std::string_view kPrepare =
    "mkdir -p /bin /sbin /usr/bin /usr/sbin; \"$KTSTR_BUSYBOX\" --install -s /bin 2>/dev/null; "
    "cd /opt/ktstr/work 2>/dev/null || cd /; ";
/// In a process that leads no group, where setsid need not fork: what is behind the parentheses keeps busybox
/// from doing without one. The terminal forgets its size whenever nobody has it open.
constexpr std::string_view kInteractive =
    "(exec setsid -c sh -c 'stty sane rows $LINES cols $COLUMNS; unset LINES COLUMNS; echo "
    "\"$KTSTR_WELCOME\"; "
    "exec sh -i' <$KTSTR_TERMINAL >$KTSTR_TERMINAL 2>&1); exit $?";

/// "/opt/ktstr/scheduler/scx_mine --slice 5", as it can be typed.
std::string line_of(const SchedulerSpec& scheduler, const std::string& program) {
  std::string line = kit::shell_word(program);
  for (const std::string& argument : scheduler.args) line += ' ' + kit::shell_word(argument);
  return line;
}

std::string welcome_of(const TestSpec* of, const std::string& program) {
  std::string text = "exit or Ctrl-A x ends this guest";
  if (of != nullptr && of->scheduler) text += "; the scheduler: " + line_of(*of->scheduler, program);
  for (const SchedulerSpec& other : of != nullptr ? of->others : std::vector<SchedulerSpec>())
    text += "; " + line_of(other, other.guest_program());
  return text;
}

void set_variable(Payload& payload, const std::string& name, const std::string& value) {
  payload.environment.push_back(name + '=' + value);
}

[[noreturn]] void refuse_machine(const MachineError& error) {
  throw sdk::Error(error.environment ? KTSTR_UNAVAILABLE : KTSTR_INTERNAL,
                   printable_start(error.message, 500), printable_start(error.hint, 250));
}

/// What was printed, and how it ended.
struct ShellEnd {
  std::int64_t status = 0;
  std::string out, err;
};

ShellEnd end_of(const TestSpec& test, const MachineOutcome& machine, const std::string& nonce) {
  std::string problem = machine.reason;
  const auto result =
      machine.result.empty() ? std::nullopt : read_agent_result(machine.result, test, problem);
  if (!result || result->nonce != nonce || !result->scenario || result->scenario->payloads.empty()) {
    if (result && !result->message.empty()) problem = result->message;
    throw sdk::Error(KTSTR_UNAVAILABLE,
                     "the shell's guest did not come to its end: " + printable_start(problem, 400),
                     "ktstr doctor tells whether guests run here");
  }
  const PayloadRun& run = result->scenario->payloads.front();
  return {run.exit_status.value_or(128 + run.signal.value_or(0)), run.output, run.errors};
}

std::string document_of(const std::vector<std::string>& command, const std::optional<ShellEnd>& end) {
  JsonWriter out;
  out.begin_object().key("command_line").begin_array();
  for (const std::string& word : command) out.value(word);
  out.end_array();
  if (end) out.member("exit_status", end->status).member("out", end->out).member("err", end->err);
  out.end_object();
  return std::move(out).finish();
}

std::string attach_line(const fs::path& kernel, const fs::path& socket) {
  std::error_code failure;
  const fs::path symbols = kernel.parent_path() / "vmlinux";
  return "attach a debugger with: gdb -ex " + kit::shell_word("target remote " + socket.string()) + ' ' +
         (fs::is_regular_file(symbols, failure) ? kit::shell_word(symbols.string()) : "VMLINUX");
}

}  // namespace

TestSpec shell_test(const ShellWish& wish, const TestSpec* of) {
  const std::string topology = !wish.topology.empty() ? wish.topology
                               : of != nullptr        ? of->topology.text()
                                                      : Topology{}.text();
  const json::object manifest{
      {"name", "shell"},
      {"topology", topology},
      {"payloads", {{{"name", "shell"}, {"binary", kBusybox}, {"start", false}}}},
      {"steps",
       {{{"hold_ms", 1},
         {"ops",
          {{{"op", "run_payload"}, {"payload", "shell"}},
           {{"op", "wait_payload"}, {"payload", "shell"}, {"timeout_ms", 86'400'000}}}}}}}};
  TestSpec test = parse_manifest(json::serialize(manifest), "ktstr shell", "").front();
  test.variant = test.name;
  test.memory_mib = std::max(test.memory_mib, kLeastMemoryMib);
  if (of != nullptr) {
    test.kernel_args = of->kernel_args;
    test.sysctls = of->sysctls;
    test.memory_mib = std::max(test.memory_mib, of->memory_mib);
  }
  KTSTR_ASSERT(test.payloads.size() == 1 && test.scenario.payloads.size() == 1);
  Payload& payload = test.scenario.payloads.front();
  std::string script(kPrepare);
  script += wish.command ? "exec sh -c \"$KTSTR_COMMAND\"" : std::string(kInteractive);
  payload.argv = {test.payloads.front().guest_program(), "sh", "-c", script};
  set_variable(payload, "KTSTR_BUSYBOX", payload.argv.front());
  if (wish.command) set_variable(payload, "KTSTR_COMMAND", *wish.command);
  return test;
}

std::string open_shell(const RunContext& context, const ShellWish& wish, const TestSpec* of,
                       const std::atomic<bool>& cancel) {
  if (wish.as_test && of != nullptr) {
    const MachineRequest request = machine_request(context, *of);
    return document_of(context.api.machine_command(context.environment, request), std::nullopt);
  }
  TestSpec test = kit::refusing_mistakes([&] { return shell_test(wish, of); });
  MachineRequest request = machine_request(context, test);
  request.cold = true;
  request.run_deadline = request.hang_deadline = kDay;
  if (wish.gdb) request.boot_deadline = kDay;
  std::error_code failure;
  const kit::ScratchDirectory sockets = make_scratch_directory(context.environment.scratch);
  const fs::path terminal = sockets.path() / "terminal", debugger = sockets.path() / "gdb";
  if (!wish.command) {
    request.attachments = {"-chardev", "socket,id=terminal,path=" + terminal.string() + ",server=on,wait=off",
                           "-serial", "chardev:terminal"};
  }
  if (wish.gdb) {
    request.attachments.insert(request.attachments.end(),
                               {"-gdb", "unix:" + debugger.string() + ",server=on,wait=off"});
  }
  const std::vector<std::string> command = context.api.machine_command(context.environment, request);
  if (wish.dry_run) return document_of(command, std::nullopt);
  if (!wish.command && ::isatty(0) == 0)
    throw sdk::Error(KTSTR_INVALID_ARGUMENT, "a shell needs a terminal", "run one command: --exec CMD");

  GuestFiles files;
  MachineError error;
  if (of != nullptr && !take_files(context, *of, files, error)) refuse_machine(error);
  const std::string program = files.program;
  if (!add_payload_files(context.project_dir, test.payloads.front(), FileRoot(context.sysroot), files,
                         error)) {
    throw sdk::Error(KTSTR_UNAVAILABLE,
                     "the guest's shell is busybox: " + printable_start(error.message, 400), kBusyboxFix);
  }
  Payload& payload = test.scenario.payloads.front();
  if (of != nullptr && of->scheduler)
    set_variable(payload, "KTSTR_SCHEDULER", line_of(*of->scheduler, program));
  const Screen screen = screen_of(1);
  set_variable(payload, "KTSTR_TERMINAL", kTerminal);
  set_variable(payload, "KTSTR_WELCOME", welcome_of(of, program));
  set_variable(payload, "TERM", screen.kind);
  set_variable(payload, "LINES", std::to_string(screen.rows));
  set_variable(payload, "COLUMNS", std::to_string(screen.columns));

  GuestWork work;
  work.nonce = new_nonce();
  work.files = files.files;
  work.make_spec = [&](const std::vector<std::uint64_t>& offsets) {
    return agent_spec(test, files, context.facts.seed, offsets);
  };
  if (wish.gdb) say(attach_line(context.kernel_image, debugger));
  std::atomic<bool> ended{false};
  std::optional<TerminalRelay> relay;
  if (!wish.command) {
    say("starting a guest " + test.topology.text() + "; Ctrl-A x ends it");
    relay.emplace(terminal, cancel, ended);
  }
  const auto machine = context.api.run_machine(
      context.environment, request, work, wish.command ? cancel : ended, {}, [](const std::string&) {},
      error);
  relay.reset();
  if (!machine) refuse_machine(error);
  if (cancel) return {};
  if (machine->end == MachineEnd::kCancelled) return document_of(command, ShellEnd{});
  return document_of(command, end_of(test, *machine, work.nonce));
}

}  // namespace ktstr::kvm
