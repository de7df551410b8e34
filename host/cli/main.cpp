// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <ktstr/kit/text.hpp>
#include <system_error>

#include "cli/call_report.hpp"
#include "cli/cli.hpp"
#include "cli/log.hpp"
#include "cli/process_state.hpp"
#include "plugin/current_call.hpp"

namespace {

using ktstr::ExitCode;

/// `cargo ktstr test` starts `cargo-ktstr ktstr test`.
std::vector<std::string> arguments_of(int argc, char** argv) {
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const bool cargo = argc > 0 && std::filesystem::path(argv[0]).filename() == "cargo-ktstr";
  if (cargo && !arguments.empty() && arguments.front() == "ktstr") arguments.erase(arguments.begin());
  return arguments;
}

ExitCode run_command(int argc, char** argv) {
  ktstr::GlobalFlags flags;
  ktstr::CommandAction action;
  if (const auto done = ktstr::parse_command_line(arguments_of(argc, argv), flags, action)) return *done;
  if (!flags.directory.empty() && ::chdir(flags.directory.c_str()) != 0) {
    return ktstr::report(
        ktstr::usage_error("-C " + ktstr::printable(flags.directory) + ": " + std::strerror(errno)));
  }
  const auto watched = ktstr::CallReport::begin(flags);
  if (!watched) return ktstr::report(watched.error());
  ExitCode code = ExitCode::kFine;
  {
    ktstr::Session session(ktstr::read_environment(), flags);
    code = action(session);
  }
  return watched->end(code);
}

/// What ktstr ends with. No exception leaves it.
ExitCode run(int argc, char** argv) {
  try {
    return run_command(argc, argv);
  } catch (const std::exception& failure) {
    const auto* system = dynamic_cast<const std::system_error*>(&failure);
    if (system != nullptr && system->code() == std::errc::resource_unavailable_try_again) {
      return ktstr::report(ktstr::environment_error(
          std::string("cannot start a thread: ") + std::strerror(EAGAIN),
          "raise the limit on processes (ulimit -u, or the container's pids limit)"));
    }
    return ktstr::report(ktstr::plugin_error("unexpected: " + ktstr::printable(failure.what()),
                                             "this is a bug in ktstr; please report it"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  ktstr::settle_process_state();
  ktstr::install_crash_handler();
  const int code = static_cast<int>(run(argc, argv));
  ktstr::set_final_exit_code(code);
  return code;
}
