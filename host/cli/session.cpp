// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <ktstr/kit/mutex.hpp>
#include <ktstr/kit/text.hpp>
#include <mutex>
#include <system_error>
#include <thread>

#include "cli/log.hpp"
#include "config/load.hpp"
#include "config/metrics.hpp"
#include "config/runs_place.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/current_call.hpp"
#include "plugin/trust_file.hpp"
#include "support/confinement.hpp"
#include "support/output.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

std::atomic<bool> cancelled_flag{false};

kit::Mutex action_mutex;
std::function<void()> cancel_action KTSTR_GUARDED_BY(action_mutex);

int wake_up[2] = {-1, -1};

void on_signal(int number, siginfo_t* info, void*) {
  if (is_from_plugin(*info)) leave_process(number, "raise()");
  if (cancelled_flag.exchange(true)) end_at_once(static_cast<int>(ExitCode::kInterrupted));
  const char byte = 0;
  if (::write(wake_up[1], &byte, 1) < 0) return;
}

/// The handler only wakes a thread up, so that what happens at Ctrl-C is ordinary code. Handlers, unlike
/// masks and SIG_IGN, are not inherited by the programs that we start.
void watch_signals() {
  struct sigaction action {};
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  if (::pipe2(wake_up, O_CLOEXEC) != 0)
    return;  // without it, or without the thread, the default action of the others remains
  try {
    std::thread([] {
      char byte = 0;
      while (::read(wake_up[0], &byte, 1) != 0) {
        const kit::Lock lock(action_mutex);
        if (cancelled_flag && cancel_action) cancel_action();
      }
    }).detach();
  } catch (const std::system_error&) {
    return;
  }
  action.sa_sigaction = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

Terminal find_terminal(const Environment& environment, const std::string& color) {
  Terminal terminal;
  terminal.out_is_terminal = ::isatty(output_descriptor()) == 1;
  terminal.err_is_terminal = ::isatty(2) == 1 && environment.terminal != "dumb";
  const auto colour = [&](bool is_terminal) {
    if (color != "auto") return color == "always";
    if (environment.no_color) return false;
    return environment.force_color || (is_terminal && environment.terminal != "dumb");
  };
  terminal.out_colour = colour(terminal.out_is_terminal);
  terminal.err_colour = colour(terminal.err_is_terminal);
  winsize size{};
  if (::ioctl(terminal.out_is_terminal ? output_descriptor() : 2, TIOCGWINSZ, &size) == 0)
    terminal.width = size.ws_col;
  return terminal;
}

constexpr const char* kInstalled = "installed";

/// How long plugins may take for what needs no waiting.
Status limit_calls(const std::string& deadline) {
  if (deadline.empty()) return Ok{};
  unsigned seconds = 0;
  const char* end = deadline.data() + deadline.size();
  const auto [stop, error] = std::from_chars(deadline.data(), end, seconds);
  if (error != std::errc() || stop != end || seconds > 1'000'000) {
    return usage_error("KTSTR_PLUGIN_DEADLINE is \"" + printable(deadline) + "\"",
                       "a number of seconds; 0 waits for ever");
  }
  CallLimits limits;
  limits.ended = std::chrono::seconds(seconds);
  if (seconds > 0) limits.told = std::min(limits.told, std::chrono::seconds(seconds / 2 + 1));
  set_call_limits(limits);
  return Ok{};
}

}  // namespace

fs::path installation_prefix() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path().parent_path();
}

Session::Session(Environment environment, GlobalFlags flags)
    : environment_(std::move(environment)), flags_(std::move(flags)) {
  if (!flags_.profile.empty()) environment_.profile = flags_.profile;
  if (!flags_.store.empty()) environment_.store = flags_.store;
  terminal_ = find_terminal(environment_, flags_.color);
  if (flags_.quiet) terminal_.err_is_terminal = false;  // for all that would be shown while something goes on
  start_log(flags_.quiet ? -1 : flags_.verbose, terminal_.err_colour);
  watch_signals();
  on_plugin_news(log_warn);
  believe_cancelled(cancelled_flag);
}

Session::~Session() { on_cancel({}); }

Result<const Config*> Session::config() {
  if (!config_) {
    if (const Status limited = limit_calls(environment_.plugin_deadline); !limited) return limited.error();
    auto loaded = load_config(environment_, installation_prefix());
    if (!loaded) return loaded.error();
    config_ = std::make_unique<Config>(std::move(*loaded));
    const bool surprising = terminal_.err_is_terminal && config_->project_dir != environment_.cwd;
    if (config_->has_project_file && (surprising || flags_.verbose > 0))
      log_inform("project: " + (config_->project_dir / "ktstr.json").string());
  }
  return config_.get();
}

Result<PluginCatalogue*> Session::catalogue() {
  if (!catalogue_) {
    const auto loaded = config();
    if (!loaded) return loaded.error();
    PluginSearch search;
    const auto add = [&](const fs::path& directory, const std::string& origin) {
      std::error_code error;
      const fs::path absolute = fs::canonical(fs::path(environment_.cwd) / directory, error);
      const bool known = std::any_of(search.places.begin(), search.places.end(),
                                     [&](const auto& place) { return place.directory == absolute; });
      if (!error && !known) search.places.push_back({absolute, origin, origin == kInstalled});
      return !error;
    };
    for (const std::string& directory : flags_.plugin_dirs) {
      if (!add(directory, "--plugin-dir"))
        return usage_error("--plugin-dir " + printable(directory) + ": " + std::strerror(ENOENT));
    }
    for (const fs::path& directory : (*loaded)->plugin_dirs) add(directory, "configuration");
    for (const std::string& directory : split(environment_.plugin_path, ':')) {
      if (!directory.empty()) add(directory, "KTSTR_PLUGIN_PATH");
    }
    const fs::path data = !environment_.xdg_data_home.empty() ? fs::path(environment_.xdg_data_home)
                                                              : fs::path(environment_.home) / ".local/share";
    add(data / "ktstr/plugins/v1", "user");
    add(installation_prefix() / "lib/ktstr/plugins/v1", kInstalled);
    search.trusted_sha256 = (*loaded)->trusted_sha256;
    const auto trusted = TrustFile(user_directory(environment_)).read();
    if (!trusted) return trusted.error();
    for (const TrustedPlugin& plugin : *trusted) {
      search.trusted_sha256.insert(search.trusted_sha256.end(),
                                   {plugin.manifest_sha256, plugin.library_sha256});
      search.once_trusted.insert({plugin.manifest.string(), plugin.library.string()});
    }
    search.safe = flags_.safe || environment_.safe;
    search.variable = environment_variable;
    catalogue_ = std::make_unique<PluginCatalogue>(search, log_plugin, cancelled_flag);
  }
  return catalogue_.get();
}

Result<PluginProvider*> Session::plugins() {
  auto found = catalogue();
  if (!found) return found.error();
  return static_cast<PluginProvider*>(*found);
}

Status Session::add_runner_metrics(Config& config) {
  const auto found = catalogue();
  if (!found) return found.error();
  const auto offered = (*found)->metrics_of_runner(config.runner.use);
  if (offered) {
    return checked([&] {
      add_metrics({&offered->rows, offered->where}, "the runner " + config.runner.use, config.metrics);
    });
  }
  const bool named = std::any_of(config.origins.begin(), config.origins.end(),
                                 [](const auto& origin) { return origin.first.starts_with("runner"); });
  if (named && offered.error().code == ExitCode::kUsage)
    return offered.error();  // there is none of that name
  log_warn("metrics of the runner are not known: " +
           offered.error().message);  // what it has stored can be read without it
  return Ok{};
}

Status Session::keep_project_inside(Config& config) {
  const auto found = catalogue();
  if (!found) return found.error();
  const auto confine = [&](const char* interface_id, auto& choice) -> Status {
    if (!choice.from_project) return Ok{};
    auto options = (*found)->options_of_project(interface_id, choice.use,
                                                {choice.options_json, choice.isolate}, config.project_dir);
    if (!options) return options.error();
    choice.options_json = std::move(*options);
    return Ok{};
  };
  if (environment_.cargo_target_dir.empty() &&
      (*found)->runs_root_option(config.store.use, config.store.options_json).empty()) {
    const Status mine = check_runs_root(config.project_dir, runs_root(config, environment_), cancelled_flag);
    if (!mine) return mine;
  }
  for (const auto& [interface_id, choice] : {std::pair{KTSTR_STORE_INTERFACE, &config.store},
                                             {KTSTR_RUNNER_INTERFACE, &config.runner},
                                             {KTSTR_BASELINE_INTERFACE, &config.baseline}}) {
    if (const Status inside = confine(interface_id, *choice); !inside) return inside;
  }
  for (std::vector<PluginChoice>* gates : {&config.gates, &config.cached_gates}) {
    for (PluginChoice& gate : *gates) {
      if (const Status inside = confine(KTSTR_GATE_INTERFACE, gate); !inside) return inside;
    }
  }
  for (ReporterChoice& reporter : config.reporters) {
    if (const Status inside = confine(KTSTR_REPORTER_INTERFACE, reporter); !inside) return inside;
    if (!reporter.from_project || reporter.out.empty() || reporter.out == "-") continue;
    const auto place = path_in_project(config.project_dir, reporter.out,
                                       "ktstr.json: reporter " + printable(reporter.use) + ", out");
    if (!place) return place.error();
    reporter.out = place->string();
  }
  return Ok{};
}

Status Session::check_choices(const Config& config) {
  const auto found = catalogue();
  if (!found) return found.error();
  const auto said = [&](std::string_view key) {
    return std::any_of(config.origins.begin(), config.origins.end(),
                       [&](const auto& origin) { return origin.first.starts_with(key); });
  };
  std::vector<std::pair<const char*, const PluginChoice*>> choices;
  if (said("store")) choices.emplace_back(KTSTR_STORE_INTERFACE, &config.store);
  if (said("runner")) choices.emplace_back(KTSTR_RUNNER_INTERFACE, &config.runner);
  if (said("baseline")) choices.emplace_back(KTSTR_BASELINE_INTERFACE, &config.baseline);
  for (const PluginChoice& gate : config.gates) {
    if (said("gates")) choices.emplace_back(KTSTR_GATE_INTERFACE, &gate);
  }
  for (const PluginChoice& gate : config.cached_gates) {
    if (said("cached_gates")) choices.emplace_back(KTSTR_GATE_INTERFACE, &gate);
  }
  for (const auto& [interface_id, choice] : choices) {
    const Status known =
        (*found)->check_choice(interface_id, choice->use, {choice->options_json, choice->isolate});
    if (!known) return known;
  }
  for (const ReporterChoice& reporter : config.reporters) {
    if (!said("reporters")) break;
    const Status known = (*found)->check_choice(KTSTR_REPORTER_INTERFACE, reporter.use,
                                                {reporter.options_json, reporter.isolate});
    if (!known) return known;
  }
  return Ok{};
}

const std::atomic<bool>& Session::cancelled() { return cancelled_flag; }

void Session::on_cancel(std::function<void()> action) {
  const kit::Lock lock(action_mutex);
  cancel_action = std::move(action);
  if (cancel_action && cancelled_flag) cancel_action();  // the signal came before
}

}  // namespace ktstr
