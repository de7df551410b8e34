// SPDX-License-Identifier: Apache-2.0
#include "delta/perf_delta.hpp"

#include <ktstr/kit/text.hpp>

#include "delta/delta_report.hpp"
#include "delta/judged_facts.hpp"
#include "report/report_store.hpp"
#include "report/reports.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

/// One commit, two kernels, schedulers or topologies: the "commits" of the report are these values.
Result<Commits> axis_sides(const AppContext& context, const PerfDeltaRequest& request,
                           BaselinePort& baseline) {
  const std::string path = context.config.project_dir.string();
  const auto tree = baseline.describe(path);
  if (!tree) return tree.error();
  std::string commit = tree->commit, label = tree->label;
  if (!request.choice.base.empty()) {
    const auto resolved =
        baseline.resolve({path, request.choice.base, {}, {}, context.config.default_branch});
    if (!resolved) return resolved.error();
    commit = resolved->commit;
    label = resolved->label;
  }
  const AxisChoice& axis = *request.axis;
  const std::string how = axis.name + " " + axis.a + " against " + axis.b + " at commit " + label;
  return Commits{commit,
                 axis.a,
                 how,
                 commit,
                 axis.b,
                 label,
                 tree->dirty,
                 tree->subdirectory,
                 commit == tree->commit ? known_state(*tree) : std::nullopt,
                 {}};
}

void announce(const AppContext& context, const PerfDeltaRequest& request, const Commits& commits) {
  context.inform("baseline " + printable(commits.baseline_label) + " (" + printable(commits.how) +
                 "), HEAD " + printable(commits.head_label) + "; " +
                 (request.filter.empty()
                      ? "all performance_mode tests"
                      : "performance_mode tests of -E '" + printable(request.filter.text()) + "'"));
}

}  // namespace

Error one_kernel(const AxisChoice& axis, const std::string& kernel) {
  return usage_error("--axis kernel: \"" + printable(axis.a) + "\" and \"" + printable(axis.b) +
                         "\" both name the kernel " + kernel,
                     "ktstr kernel list shows the others");
}

Result<ExitCode> run_perf_delta(const AppContext& context, const PerfDeltaRequest& request) {
  if (const Status known =
          check_must_fail(request.verdict.must_fail, context.config.metrics, request.repeats.has_value());
      !known)
    return known.error();
  auto reports = Reports::open(context, KTSTR_DOCUMENT_PERF_DELTA);
  if (!reports) return reports.error();
  auto gates =
      Gates::make(context.plugins, request.repeats ? context.config.gates : context.config.cached_gates);
  if (!gates) return gates.error();
  auto baseline = context.plugins.make_baseline(context.config.baseline.use,
                                                creation_of(context, context.config.baseline.options_json));
  if (!baseline) return baseline.error();
  const auto commits =
      request.axis ? axis_sides(context, request, **baseline)
                   : resolve_commits(context, request.choice, request.repeats.has_value(), **baseline);
  if (!commits) return commits.error();
  announce(context, request, *commits);

  auto outcome = request.repeats ? measured_delta(context, request, *commits, **baseline, *gates)
                                 : stored_delta(context, request, *commits, *gates);
  if (!outcome) {
    // What was wrong before anything was measured is told on stderr alone.
    if (outcome.error().code == ExitCode::kPlugin) (*reports)->fail(outcome.error());
    return outcome.error();
  }
  remark_on_rows(request, *outcome);
  ExitCode code = report_delta(**reports, *gates, request, *outcome);
  const json::value* session = outcome->facts.if_contains("session");
  // Where nothing was there to compare, there is nothing to show again.
  const bool nothing = outcome->judgement.rows.empty() && outcome->set.runs.empty();
  if (const Status kept =
          nothing ? Status(Ok{})
                  : keep_report(context,
                                session != nullptr ? json::value_to<std::string>(*session) : std::string(),
                                (*reports)->document());
      !kept) {
    // Whoever compares what is stored may have no right to store: the verdict stands. Fresh runs were to be
    // stored.
    context.warn("the report is not kept for --last: " + kept.error().message +
                 (kept.error().hint.empty() ? "" : " (" + kept.error().hint + ")"));
    if (request.repeats) code = worse(code, ExitCode::kPlugin);
  }
  return (*reports)->failure() ? worse(code, ExitCode::kPlugin) : code;
}

}  // namespace ktstr
