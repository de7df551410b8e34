// SPDX-License-Identifier: Apache-2.0
#include "show/cost.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "show/cells.hpp"
#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

/// The kernel's steps of scheduling, which are shown however little they cost.
constexpr std::string_view kSteps[] = {"__schedule",          "pick_next_task",      "__pick_next_task",
                                       "prev_balance",        "pick_next_task_fair", "pick_task_fair",
                                       "balance_scx",         "pick_task_scx",       "set_next_task_scx",
                                       "put_prev_task_scx",   "enqueue_task_scx",    "dequeue_task_scx",
                                       "enqueue_task_fair",   "dequeue_task_fair",   "select_task_rq_scx",
                                       "select_task_rq_fair", "try_to_wake_up",      "sched_tick"};

bool is_step(const CostLine& line) {
  return line.kind == CostKind::kKernel &&
         std::find(std::begin(kSteps), std::end(kSteps), line.name) != std::end(kSteps);
}

/// "1,234,567": these numbers are long.
std::string grouped(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string difference(std::uint64_t before, std::uint64_t after) {
  if (before == after) return "0";
  return after > before ? "+" + grouped(after - before) : "-" + grouped(before - after);
}

std::string signed_decimal(double value) { return (value > 0 ? "+" : "") + one_decimal(value); }

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : one_decimal(static_cast<double>(part) * 100 / static_cast<double>(whole)) + " %";
}

using Rows = std::vector<std::vector<std::string>>;

std::vector<std::string> row_of(const CostLine& line, const CostTable& table, bool compared) {
  const auto cell = [](const std::optional<Cost>& cost, auto text) {
    return cost ? text(*cost) : std::string("-");
  };
  const auto calls = [](const Cost& cost) { return grouped(cost.calls); };
  const auto per_call = [](const Cost& cost) { return cost.calls == 0 ? "-" : one_decimal(cost.per_call()); };
  const auto insns = [](const Cost& cost) { return grouped(cost.insns); };
  if (!compared) {
    return {printable(line.name),
            cell(line.head, calls),
            cell(line.head, per_call),
            cell(line.head, insns),
            cell(line.head, [](const Cost& cost) { return grouped(cost.self_insns); }),
            cell(line.head, [&](const Cost& cost) { return percent(cost.insns, table.head_insns); })};
  }
  const bool both = line.base && line.head;
  const bool called = both && line.base->calls > 0 && line.head->calls > 0;
  return {printable(line.name),
          cell(line.base, calls),
          cell(line.head, calls),
          cell(line.base, per_call),
          cell(line.head, per_call),
          called ? signed_decimal(line.head->per_call() - line.base->per_call()) : "-",
          cell(line.base, insns),
          cell(line.head, insns),
          both ? difference(line.base->insns, line.head->insns) : "-"};
}

void add_section(const std::string& title, const std::vector<const CostLine*>& lines, const CostTable& table,
                 bool compared, std::size_t width, std::string& out) {
  if (lines.empty()) return;
  Rows rows;
  std::vector<std::size_t> right;
  if (compared) {
    rows.push_back({title, "CALLS", "HEAD", "PER CALL", "HEAD", "CHANGE", "INSNS", "HEAD", "CHANGE"});
    right = {1, 2, 3, 4, 5, 6, 7, 8};
  } else {
    rows.push_back({title, "CALLS", "PER CALL", "INSNS", "SELF", "SHARE"});
    right = {1, 2, 3, 4, 5};
  }
  for (const CostLine* line : lines) rows.push_back(row_of(*line, table, compared));
  out += "\n" + text_table(rows, right, width);
}

std::uint64_t own(const CostLine& line) {
  return std::max(line.head ? line.head->self_insns : 0, line.base ? line.base->self_insns : 0);
}

std::string heading(const CostOutcome& outcome, const CostTable& table) {
  const std::string test = printable(outcome.test.name) + " (" + printable(outcome.test.topology) + ", " +
                           printable(outcome.test.scheduler) + ")";
  const std::string head = grouped(table.head_insns) + " instructions of the kernel";
  if (!outcome.base) return test + ", " + printable(outcome.head.label) + ": " + head;
  return test + ", " + printable(outcome.base->label) + " against " + printable(outcome.head.label) + ": " +
         grouped(table.base_insns) + " and " + head + ", " + difference(table.base_insns, table.head_insns);
}

json::value side_json(const CostSide& side, std::uint64_t insns) {
  return json::object{{"label", side.label}, {"run", side.run}, {"insns", insns}};
}

json::value cost_of(const std::optional<Cost>& cost) {
  if (!cost) return nullptr;
  return json::object{{"calls", cost->calls},
                      {"insns", cost->insns},
                      {"self_insns", cost->self_insns},
                      {"per_call", cost->calls == 0 ? json::value(nullptr) : json::value(cost->per_call())}};
}

}  // namespace

std::string cost_text(const CostOutcome& outcome, const CostTable& table, std::size_t most,
                      std::size_t width) {
  std::vector<const CostLine*> operations, programs, steps, others;
  for (const CostLine& line : table.lines) {
    (line.kind == CostKind::kOperation ? operations
     : line.kind == CostKind::kProgram ? programs
     : is_step(line)                   ? steps
                                       : others)
        .push_back(&line);
  }
  std::stable_sort(others.begin(), others.end(),
                   [](const CostLine* a, const CostLine* b) { return own(*a) > own(*b); });
  others.resize(std::min(others.size(), most));
  const bool compared = outcome.base.has_value();
  std::string out = hanging(heading(outcome, table), width, 2);
  add_section("OPERATION", operations, table, compared, width, out);
  add_section("BPF PROGRAM", programs, table, compared, width, out);
  add_section("SCHEDULING", steps, table, compared, width, out);
  add_section("MOST OF ITS OWN", others, table, compared, width, out);
  if (!table.complete)
    out += "\n" + hanging(
                      "warning: there were more ways to call functions than are told apart; those found last "
                      "count as their callers' own",
                      width, 2);
  return out;
}

json::object cost_json(const CostOutcome& outcome, const CostTable& table) {
  json::array lines;
  for (const CostLine& line : table.lines) {
    json::object row{{"name", line.name}, {"kind", kCostKinds[static_cast<std::size_t>(line.kind)]}};
    if (outcome.base) row["base"] = cost_of(line.base);
    row["head"] = cost_of(line.head);
    lines.push_back(std::move(row));
  }
  return document("cost",
                  {{"test", outcome.test.name},
                   {"topology", outcome.test.topology},
                   {"scheduler", outcome.test.scheduler},
                   {"complete", table.complete},
                   {"base", outcome.base ? side_json(*outcome.base, table.base_insns) : json::value(nullptr)},
                   {"head", side_json(outcome.head, table.head_insns)},
                   {"functions", std::move(lines)}});
}

}  // namespace ktstr
