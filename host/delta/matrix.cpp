// SPDX-License-Identifier: Apache-2.0
#include "delta/matrix.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <set>
#include <tuple>

#include "delta/matrix_endings.hpp"
#include "measure/measurement.hpp"
#include "select/test_words.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

using Variant = std::tuple<std::string, std::string, std::string>;  ///< test, topology, scheduler

/// Oldest first, each once.
Result<std::vector<Kernel>> ordered_kernels(const AppContext& context, const MatrixRequest& request) {
  auto kernels = resolve_kernels(context, request.kernels);
  if (!kernels) return kernels.error();
  *kernels = oldest_first(std::move(*kernels));
  if (kernels->size() * std::max<std::size_t>(request.schedulers.size(), 1) < 2)
    return usage_error("one kernel alone is no matrix",
                       "--kernel is repeatable and takes ranges (6.12..6.18); ktstr kernel list shows what "
                       "is cached, ktstr kernel fetch gets more");
  return kernels;
}

std::vector<MatrixSide> sides_of(const std::vector<Kernel>& kernels, const MatrixRequest& request) {
  std::vector<MatrixSide> sides;
  const std::vector<std::string> each =
      request.schedulers.empty() ? std::vector<std::string>{""} : request.schedulers;
  for (const std::string& scheduler : each) {
    for (const Kernel& kernel : kernels) sides.push_back({kernel.id(), scheduler, "", false});
  }
  return sides;
}

Status check_names(const AppContext& context, const MatrixRequest& request) {
  const MetricRegistry& metrics = context.config.metrics;
  for (const std::string& name : request.metrics) {
    if (metrics.find_path(name) != nullptr) continue;
    return usage_error(
        "--metric: there is no metric \"" + printable(name) + "\"" + metrics.path_suggestion(name),
        "ktstr stats list-metrics shows all");
  }
  std::set<std::string> seen;
  for (const std::string& scheduler : request.schedulers) {
    if (scheduler.empty()) return usage_error("--scheduler: a name is empty");
    if (!seen.insert(scheduler).second)
      return usage_error("--scheduler names " + printable(scheduler) + " twice");
  }
  return Ok{};
}

/// A selection that leaves no test, or none with a scheduler, is a mistake.
Status check_selection(const MatrixRequest& request, const Filter& filter, const Checkout& side) {
  if (side.declared.empty())
    return usage_error("there is no performance_mode test to measure",
                       "set \"performance_mode\": true in a test's manifest");
  std::vector<std::string> known;
  for (const TestEntry& test : side.declared) known.push_back(test.scheduler);
  for (const std::string& wanted : request.schedulers) {
    if (std::find(known.begin(), known.end(), wanted) == known.end())
      return usage_error("no performance_mode test has the scheduler \"" + printable(wanted) + "\"" +
                             suggestion(wanted, known),
                         "ktstr test --list shows the tests with their schedulers");
  }
  return side.tests.empty() ? Status(selects_no_test(filter, "HEAD", side.declared)) : Status(Ok{});
}

class Matrix {
 public:
  Matrix(const AppContext& context, const MatrixRequest& request, Gates gates, const Filter& filter,
         std::vector<MatrixSide> sides)
      : context_(context),
        request_(request),
        gates_(std::move(gates)),
        filter_(filter),
        table_(std::move(sides), !request.schedulers.empty(), request.metrics),
        records_(table_.sides().size()) {}

  /// Every side of this kernel. `checked`: the selection is known to be right.
  Status measure(BaselinePort& baseline, const Tree& tree, const Kernel& kernel, bool checked) {
    const std::string label = commit_label(tree.label, tree.dirty);
    MeasureRequest wanted;
    wanted.baseline = {"HEAD", "base", tree.commit, label, tree.dirty, {}, {}, {}};
    wanted.head = {printable(kernel.id()), "head", tree.commit, label, tree.dirty, {}, {}, {}};
    wanted.subdirectory = tree.subdirectory;
    wanted.filter = filter_;
    wanted.plan = request_.plan;
    wanted.deterministic = request_.deterministic;
    wanted.resume = !request_.fresh;
    wanted.jobs = request_.jobs;
    auto stored = planned_runs(context_);
    if (!stored) return stored.error();
    auto measurement = Measurement::prepare(context_, wanted, baseline, kernel, *stored);
    if (!measurement) return measurement.error();
    Measurement& measured = **measurement;
    if (!checked) {
      if (const Status right = check_selection(request_, filter_, measured.head_side()); !right) return right;
    }
    measured.reuse_baseline({});  // one side alone: what it is compared with has a session of its own
    const Status ran = measured.run(0, request_.repeats);
    if (!ran && ran.error().code != ExitCode::kEnvironment) return ran;
    sessions_.insert(measured.session());
    for (const std::string& warning : measured.warnings()) warn(warning);
    for (std::size_t side = 0; side < table_.sides().size(); ++side) {
      if (table_.sides()[side].kernel == kernel.id()) add_side(side, measured, ran);
    }
    return Ok{};
  }

  Status judge_steps() {
    auto stored = planned_runs(context_);
    if (!stored) return stored.error();
    std::erase_if(*stored, [&](const SidecarRecord& record) { return sessions_.contains(record.session); });
    const NoiseHistory history(*stored);
    for (std::size_t to = 0; to < table_.sides().size(); ++to) {
      for (const auto& [from, variants] : partners_of(to)) {
        if (const Status judged = judge_step(from, to, variants, history); !judged) return judged;
      }
    }
    table_.mark();
    return Ok{};
  }

  MatrixOutcome outcome(const std::string& commit) && {
    MatrixOutcome outcome{std::move(table_), commit, gates_.names(), std::move(warnings_), "", code_};
    conclude(outcome, request_.strict);
    return outcome;
  }

 private:
  void warn(const std::string& warning) {
    if (std::find(warnings_.begin(), warnings_.end(), warning) == warnings_.end())
      warnings_.push_back(warning);
  }

  void add_side(std::size_t side, const Measurement& measured, const Status& ran) {
    KTSTR_ASSERT(records_.size() == table_.sides().size() && side < records_.size());
    const std::string& scheduler = table_.sides()[side].scheduler;
    std::vector<SidecarRecord>& records = records_[side];
    for (const SidecarRecord& record : measured.head()) {
      const bool counted =
          record.block && *record.block < request_.repeats;  // more may have been asked for once
      if (counted && (scheduler.empty() || record.scheduler == scheduler)) records.push_back(record);
    }
    for (const PlannedTest& test : measured.manifest(true).tests) {
      if (!test.selected || (!scheduler.empty() && test.scheduler != scheduler)) continue;
      table_.add_ending(side, test, ending_of(context_, measured, test, records));
    }
    if (!ran) {
      table_.set_problem(side, ran.error().message);
      records.clear();
      return;
    }
    if (measured.resumed() == request_.repeats) table_.set_cached(side);
    table_.add_values(side, compare_sides(records, records, options()));
  }

  ComparisonOptions options() const {
    ComparisonOptions options;
    options.cached = false;
    options.alternating = request_.deterministic;  // virtual time does not drift
    options.metrics = &context_.config.metrics;
    options.declared = true;
    return options;
  }

  Variant variant_of(const SidecarRecord& record) const {
    return {record.test, record.topology, table_.by_scheduler() ? std::string() : record.scheduler};
  }

  std::set<Variant> variants_of(std::size_t side) const {
    std::set<Variant> out;
    for (const SidecarRecord& record : records_[side]) {
      if (record.counts()) out.insert(variant_of(record));
    }
    return out;
  }

  /// The nearest side before with numbers of each test.
  std::map<std::size_t, std::set<Variant>> partners_of(std::size_t to) const {
    std::map<std::size_t, std::set<Variant>> partners;
    std::set<Variant> open = variants_of(to);
    for (const std::size_t from : table_.before(to)) {
      for (const Variant& variant : variants_of(from)) {
        if (open.erase(variant) > 0) partners[from].insert(variant);
      }
    }
    return partners;
  }

  Status judge_step(std::size_t from, std::size_t to, const std::set<Variant>& variants,
                    const NoiseHistory& history) {
    KTSTR_ASSERT(from < to && to < records_.size());  // partners come before
    const auto records_of = [&](std::size_t side) {
      std::vector<SidecarRecord> out;
      std::copy_if(records_[side].begin(), records_[side].end(), std::back_inserter(out),
                   [&](const SidecarRecord& record) { return variants.contains(variant_of(record)); });
      return out;
    };
    const MatrixSide &before = table_.sides()[from], &after = table_.sides()[to];
    const bool kernels = before.kernel != after.kernel;
    ComparisonOptions step = options();
    step.axis = kernels ? Axis::kKernel : Axis::kScheduler;
    step.axis_values[0] = kernels ? before.kernel : before.scheduler;
    step.axis_values[1] = kernels ? after.kernel : after.scheduler;
    step.axis_text = step.axis_values[0] + " -> " + step.axis_values[1];
    ComparisonSet set = compare_sides(records_of(from), records_of(to), step);
    std::erase_if(set.metrics,
                  [&](const auto& one) { return !table_.is_wanted(*one); });  // what counts is shown
    prepare(set, history, request_.metrics);
    const auto judgement = judge(gates_, set);
    if (!judgement) return judgement.error();
    table_.add_steps(from, to, *judgement);
    const std::string place = before.label() + " -> " + after.label();
    for (const std::string& warning : set.warnings) warn(place + ": " + warning);
    const std::string lacking = shortfall_text(set.shortfalls, false, {before.label(), after.label()});
    if (!lacking.empty()) {
      warn(place + ": " + lacking);
      code_ = worse(code_, ExitCode::kInconclusive);
    }
    const Overall overall = judgement->counter.overall(gates_.policy(request_.verdict));
    if (overall != Overall::kEmpty) code_ = worse(code_, exit_code_of(overall));
    return Ok{};
  }

  const AppContext& context_;
  const MatrixRequest& request_;
  Gates gates_;
  const Filter& filter_;
  MatrixTable table_;
  std::vector<std::vector<SidecarRecord>> records_;  ///< of each side
  std::set<std::string> sessions_;
  std::vector<std::string> warnings_;
  ExitCode code_ = ExitCode::kFine;
};

}  // namespace

Result<Filter> matrix_filter(const MatrixRequest& request) {
  return filter_of({request.tests, request.expression, request.schedulers});
}

Result<MatrixOutcome> run_matrix(const AppContext& context, const MatrixRequest& request) {
  if (const Status known = check_names(context, request); !known) return known.error();
  const auto filter = matrix_filter(request);
  if (!filter) return filter.error();
  auto gates = Gates::make(context.plugins,
                           request.deterministic ? context.config.cached_gates : context.config.gates);
  if (!gates) return gates.error();
  auto baseline = context.plugins.make_baseline(context.config.baseline.use,
                                                creation_of(context, context.config.baseline.options_json));
  if (!baseline) return baseline.error();
  const auto tree = (*baseline)->describe(context.config.project_dir.string());
  if (!tree) return tree.error();
  if (tree->commit.empty())
    return environment_error("the project has no commit to file the results under", "commit it");
  const auto kernels = ordered_kernels(context, request);
  if (!kernels) return kernels.error();
  Matrix matrix(context, request, std::move(*gates), *filter, sides_of(*kernels, request));
  for (std::size_t at = 0; at < kernels->size(); ++at) {
    const Kernel& kernel = (*kernels)[at];
    context.inform("matrix: kernel " + printable(kernel.id()) + ", " + std::to_string(at + 1) + " of " +
                   std::to_string(kernels->size()));
    const Status measured = matrix.measure(**baseline, *tree, kernel, at > 0);
    if (measured) continue;
    Error error = measured.error();
    if (error.code == ExitCode::kInterrupted) {
      error.message = "interrupted on kernel " + printable(kernel.id()) + "; complete passes are kept";
      error.hint =
          std::string("the same command ") + (request.fresh ? "without --fresh " : "") + "goes on from there";
    }
    return error;
  }
  if (const Status judged = matrix.judge_steps(); !judged) return judged.error();
  return std::move(matrix).outcome(commit_label(tree->label, tree->dirty));
}

}  // namespace ktstr
