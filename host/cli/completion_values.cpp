// SPDX-License-Identifier: Apache-2.0
//
// Values that only this machine and this project know: kernels, runs, tests, plugins, metrics.
#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "cli/cli.hpp"
#include "cli/completion.hpp"
#include "cli/pages.hpp"
#include "cli/topics.hpp"
#include "kernels/catalogue.hpp"
#include "measure/selection.hpp"
#include "plugin/catalogue.hpp"
#include "pool/run_list.hpp"

namespace ktstr {
namespace {

using Candidates = std::vector<Candidate>;

Candidates offered_kernels(Session& session) {
  Candidates out;
  const auto config = session.config();
  if (!config) return out;
  const auto found = KernelCatalogue((*config)->cache_dir, Session::cancelled()).list();
  if (!found) return out;
  for (const Kernel& kernel : *found) out.push_back({kernel.name, kernel.source});
  return out;
}

/// From manifests alone; runs no code of a plugin.
Candidates offered_plugins(Session& session, std::string_view kind) {
  Candidates out;
  const auto catalogue = session.catalogue();
  if (!catalogue) return out;
  for (const FoundPlugin& plugin : (*catalogue)->plugins()) {
    if (plugin.shadowed || !plugin.problem.empty()) continue;
    for (const ManifestRow& row : plugin.manifest.provides) {
      if (kind.empty() || kind_of(row.interface_id) == kind) out.push_back({row.name, row.summary});
    }
  }
  return out;
}

Candidates offered_profiles(Session& session) {
  Candidates out;
  if (const auto config = session.config()) {
    for (const std::string& name : (*config)->profiles) out.push_back({name, "profile"});
  }
  return out;
}

Candidates offered_metrics(Session& session) {
  Candidates out;
  if (const auto config = session.config()) {
    for (const Metric& metric : (*config)->metrics.rows())
      out.push_back({std::string(metric.name), std::string(metric.unit)});
  }
  return out;
}

/// Those that need the project's store or its runner.
Candidates of_project(Session& session, const std::string& kind) {
  Candidates out;
  const auto config = session.config();
  const auto plugins = session.plugins();
  if (!config || !plugins) return out;
  const Application application(session, **config, **plugins);
  if (kind == "RUN") {
    const auto runs = list_runs(application.context, "");
    if (!runs) return out;
    for (const RunSummary& run : *runs)
      out.push_back({run.run, std::to_string(run.tests) + " tests, " + run.date});
    return out;
  }
  const auto runner = (*plugins)->make_runner(
      (*config)->runner.use, creation_of(application.context, (*config)->runner.options_json));
  if (!runner) return out;
  const auto tests = discover_tests(application.context, **runner, (*config)->project_dir);
  if (!tests) return out;
  for (const TestEntry& test : *tests) out.push_back({test.name, test.topology + " " + test.scheduler});
  return out;
}

Candidates values_of(Session& session, const std::string& kind) {
  if (kind == "KERNEL") return offered_kernels(session);
  if (kind == "GATE" || kind == "REPORTER")
    return offered_plugins(session, kind == "GATE" ? "gate" : "reporter");
  if (kind == "PLUGIN") return offered_plugins(session, "");
  if (kind == "PROFILE") return offered_profiles(session);
  if (kind == "METRIC") return offered_metrics(session);
  if (kind == "TOPIC") {
    Candidates out;
    for (const Topic& topic : topics()) out.push_back({std::string(topic.name), std::string(topic.summary)});
    for (const Command& command : commands()) {
      if (command.words.find(' ') == std::string_view::npos)
        out.push_back({std::string(command.words), std::string(command.summary)});
    }
    for (const PageEntry& page : installed_pages()) out.push_back({page.name + ".md", page.title});
    return out;
  }
  if (kind == "RUN" || kind == "TEST") return of_project(session, kind);
  return {};
}

}  // namespace

ExitCode print_completion(Session& session, const Completion& completion) {
  Candidates all = completion.candidates;
  for (Candidate& candidate : values_of(session, completion.values)) all.push_back(std::move(candidate));
  std::erase_if(all, [&](const Candidate& one) { return !one.word.starts_with(completion.begun); });
  std::string out = completion.files ? ":files\n" : "";
  for (const Candidate& one : all) {
    // A name that would be shown in another form could not be given back.
    if (one.word.empty() || printable(one.word) != one.word) continue;
    out += completion.prefix + one.word + "\t" + printable(one.description) + "\n";
  }
  return print_out(out);
}

}  // namespace ktstr
