// SPDX-License-Identifier: Apache-2.0
#include "delta/cost.hpp"

#include <ktstr/kit/text.hpp>

#include "measure/measurement.hpp"
#include "measure/test_session.hpp"
#include "measure/variants.hpp"
#include "pool/run_selection.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

constexpr std::string_view kSidecarEnd = ".ktstr.json", kStacksEnd = ".artifact-cost.folded";
constexpr std::uint64_t kMostStacks = 256ULL << 20;

TestRequest test_request(const CostRequest& request) {
  TestRequest wanted;
  wanted.selection.names = {request.test};
  if (!request.kernel.empty()) wanted.kernels = {request.kernel};
  wanted.deterministic = wanted.cost = true;
  wanted.seed = request.seed;
  return wanted;
}

/// The one test of that name, else the one of which it is a part.
Result<PlannedRun> planned_test(const AppContext& context, const TestRequest& request) {
  auto runs = planned_tests(context, request);
  if (!runs) return runs.error();
  if (runs->size() != 1)
    return usage_error("one kernel is needed to count a test on", "give one with --kernel");
  PlannedRun run = std::move(runs->front());
  const std::string& wanted = request.selection.names.front();
  std::vector<TestEntry> exact;
  for (const TestEntry& test : run.tests) {
    if (test.name == wanted) exact.push_back(test);
  }
  if (!exact.empty()) run.tests = std::move(exact);
  if (run.tests.size() == 1) return run;
  std::vector<std::string> names;
  for (const TestEntry& test : run.tests) names.push_back(printable(test.name));
  return usage_error("\"" + printable(wanted) + "\" names " + counted(names.size(), "test", "tests") + ": " +
                         join(names, ", "),
                     "one is counted at a time: give the name of one");
}

/// The stacks that the runner left beside this sidecar.
std::string stacks_of(StorePort& store, const std::string& run, const std::string& sidecar) {
  if (!sidecar.ends_with(kSidecarEnd)) return {};
  const std::string stem = sidecar.substr(0, sidecar.size() - kSidecarEnd.size());
  const auto text = store.read(run, stem + std::string(kStacksEnd), kMostStacks);
  return text ? *text : std::string();
}

/// What the test left in this run.
Result<CostSide> side_of(const AppContext& context, const std::string& run, const TestEntry& test,
                         const std::string& label) {
  auto stored = read_run(context, "", run);
  if (!stored) return stored.error();
  for (RunDocument& document : stored->documents) {
    if (!is_of(document.record, test)) continue;
    const json::value* cost = document.object().if_contains("cost");
    if (cost == nullptr || !cost->is_object()) break;
    if (!document.record.passed)
      context.warn(printable(test.name) + " did not pass at " + label +
                   ", and was counted all the same: ktstr show " + printable(run));
    auto store = open_pool_store(context, "");
    if (!store) return store.error();
    std::string stacks = stacks_of(**store, run, document.name);
    return CostSide{label, run, std::move(document), std::move(stacks)};
  }
  return Error{ExitCode::kInconclusive,
               "nothing was counted of " + printable(test.name) + " at " + label +
                   ": it did not come to the end of its scenario",
               "ktstr show " + printable(run) + " tells why"};
}

Result<CostOutcome> of_tree(const AppContext& context, const TestRequest& request,
                            const PlannedRun& planned) {
  TestRequest wanted = request;
  wanted.selection.names = {planned.tests.front().name};
  const auto code = run_test_session(context, wanted);
  if (!code) return code.error();
  if (*code == ExitCode::kInterrupted) return Error{*code, "interrupted", ""};
  auto side = side_of(context, planned.key, planned.tests.front(), planned.key);
  if (!side) return side.error();
  return CostOutcome{planned.tests.front(), std::nullopt, std::move(*side)};
}

Result<CostOutcome> of_commits(const AppContext& context, const CostRequest& request, const TestEntry& test) {
  auto baseline = context.plugins.make_baseline(context.config.baseline.use,
                                                creation_of(context, context.config.baseline.options_json));
  if (!baseline) return baseline.error();
  const std::string path = context.config.project_dir.string();
  const auto tree = (*baseline)->describe(path);
  if (!tree) return tree.error();
  const auto base = (*baseline)->resolve({path, request.base, {}, {}, context.config.default_branch});
  if (!base) return base.error();
  auto kernel = resolve_kernel(context, request.kernel);
  if (!kernel) return kernel.error();
  auto filter = Filter::parse("=" + test.name, "TEST");
  if (!filter) return filter.error();
  MeasureRequest wanted;
  wanted.baseline = {"baseline", "base", base->commit, base->label, false, {}, {}, {}};
  wanted.head = {"HEAD",      "head", tree->commit, commit_label(tree->label, tree->dirty),
                 tree->dirty, {},     {},           {}};
  wanted.subdirectory = tree->subdirectory;
  wanted.filter = std::move(*filter);
  wanted.plan.seed = request.seed;
  wanted.deterministic = wanted.cost = true;
  auto measurement = Measurement::prepare(context, wanted, **baseline, *kernel, {});
  if (!measurement) return measurement.error();
  for (const Checkout* side : {&(*measurement)->baseline_side(), &(*measurement)->head_side()}) {
    if (side->tests.empty())
      return usage_error(
          side->spec.name + " " + side->spec.label + " has no performance_mode test " + printable(test.name),
          "set \"performance_mode\": true in its manifest, and compare commits that have it");
  }
  if (const Status ran = (*measurement)->run(0, 1); !ran) return ran.error();
  for (const std::string& warning : (*measurement)->warnings()) context.warn(warning);
  const auto of = [&](const SideSpec& spec) {
    return side_of(context, pass_key((*measurement)->session(), spec.prefix, spec.label, 0), test,
                   spec.label);
  };
  auto before = of((*measurement)->baseline_side().spec), after = of((*measurement)->head_side().spec);
  if (!before) return before.error();
  if (!after) return after.error();
  return CostOutcome{test, std::move(*before), std::move(*after)};
}

}  // namespace

Result<CostOutcome> run_cost(const AppContext& context, const CostRequest& request) {
  const TestRequest wanted = test_request(request);
  const auto planned = planned_test(context, wanted);
  if (!planned) return planned.error();
  return request.base.empty() ? of_tree(context, wanted, *planned)
                              : of_commits(context, request, planned->tests.front());
}

}  // namespace ktstr
