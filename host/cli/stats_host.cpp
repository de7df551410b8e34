// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "cli/stats.hpp"
#include "pool/run_selection.hpp"
#include "show/host.hpp"

namespace ktstr {
namespace {

struct HostFlags : StatsFlags {
  std::string against;
};

/// The first sidecar, by name, that has a host context.
Result<RunDocument> with_host(const AppContext& context, const std::string& archive, const std::string& id) {
  const auto selected = read_run(context, archive, id);
  if (!selected) return selected.error();
  for (const PoolProblem& problem : selected->problems)
    context.warn("left out: " + printable(problem.error.message));
  const auto has_host = [](const RunDocument& document) {
    const json::value* host = document.object().if_contains("host");
    return host != nullptr && host->is_object();
  };
  const auto found = std::find_if(selected->documents.begin(), selected->documents.end(), has_host);
  if (found == selected->documents.end()) {
    return usage_error("none of the " + std::to_string(selected->walked) + " sidecar(s) of " + printable(id) +
                           " has a host context",
                       "ktstr stats explain-sidecar --run " + printable(id) + " says why");
  }
  return *found;
}

const json::object& host_of(const RunDocument& document) { return document.object().at("host").get_object(); }

Result<ExitCode> compare_hosts(const AppContext& context, const HostFlags& flags, const RunDocument& own) {
  const auto other = with_host(context, flags.directory, flags.against);
  if (!other) return other.error();
  const HostIdentity before = host_identity(host_of(*other)), after = host_identity(host_of(own));
  return show_table(
      context, flags.report, [&] { return host_delta_json(flags.against, before, flags.run, after); },
      [&] { return host_delta_text(flags.against, before, flags.run, after); });
}

Result<ExitCode> show_host(const AppContext& context, const HostFlags& flags) {
  const auto sidecar = with_host(context, flags.directory, flags.run);
  if (!sidecar) return sidecar.error();
  if (!flags.against.empty()) return compare_hosts(context, flags, *sidecar);
  const json::value* before = sidecar->object().if_contains("host_before");
  const auto as_document = [&] {
    return document("stats-show-host", {{"run", flags.run},
                                        {"sidecar", sidecar->name},
                                        {"host", host_of(*sidecar)},
                                        {"host_before", before != nullptr ? *before : json::value(nullptr)}});
  };
  return show_table(context, flags.report, as_document,
                    [&] { return host_text(host_of(*sidecar)) + readings_text(before); });
}

}  // namespace

void define_stats_host(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<HostFlags>();
  command
      ->add_option("--run", flags->run,
                   "a run as ktstr stats list prints it, or one folder of it: RUN/FOLDER")
      ->required()
      ->type_name("RUN");
  command->add_option("--against", flags->against, "say what differs from the machine of this run instead")
      ->type_name("RUN");
  add_stats_flags(*command, *flags);
  on_stats(*command, chosen, flags, show_host);
}

}  // namespace ktstr
