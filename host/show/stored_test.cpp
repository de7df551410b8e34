// SPDX-License-Identifier: Apache-2.0
#include "show/stored_test.hpp"

#include <algorithm>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>

#include "show/cells.hpp"
#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kLastLines = 8;

struct Figure {
  std::string name, unit;
  double value = 0;
};

/// What was measured of the whole run, in the registry's order.
std::vector<Figure> figures_of(const StoredTest& test, const MetricRegistry& metrics) {
  std::vector<Figure> figures;
  if (!test.sidecar) return figures;
  const auto& values = test.sidecar->record.values;
  for (const Metric& metric : metrics.rows()) {
    const auto value = values.find(metric.name);
    if (metric.has(Metric::kComponent) || value == values.end()) continue;
    figures.push_back({std::string(metric.name), std::string(metric.unit), value->second});
  }
  return figures;
}

std::string text_at(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// The last lines with anything on them.
std::vector<std::string> last_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string& line : split(text, '\n')) {
    if (!without_margins(line).empty()) lines.push_back(printable(line));
  }
  if (lines.size() > kLastLines)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kLastLines));
  return lines;
}

struct Logs {
  const char *key, *title;
};
constexpr Logs kLogs[] = {{"scheduler_log", "the scheduler's last words"},
                          {"dmesg", "the kernel's last messages"},
                          {"console_tail", "the console's last lines"}};

constexpr std::size_t kSectionLines = 16, kMostSections = 32;

/// The parts of the runner's own report, the beginning of each; false when the dump has none.
bool add_sections(const json::object& dump, std::string& out) {
  const json::value* sections = dump.if_contains("sections");
  if (sections == nullptr || !sections->is_array()) return false;
  std::size_t shown = 0;
  for (const json::value& one : sections->get_array()) {
    if (!one.is_object() || ++shown > kMostSections) continue;
    const json::object& section = one.get_object();
    const std::string none = text_at(section, "unavailable");
    const json::value* lines = section.if_contains("lines");
    const json::array* list = lines != nullptr ? lines->if_array() : nullptr;
    if (list == nullptr || list->empty()) {
      if (!none.empty())
        out += "  " + printable(text_at(section, "title")) + ": none, " + printable(none) + "\n";
      continue;
    }
    out += "  " + printable(text_at(section, "title")) + ":\n";
    for (std::size_t i = 0; i < list->size() && i < kSectionLines; ++i) {
      const auto* line = (*list)[i].if_string();
      if (line != nullptr) out += "    " + printable(*line) + "\n";
    }
    if (list->size() > kSectionLines)
      out += "    … and " + std::to_string(list->size() - kSectionLines) + " more in the report below\n";
  }
  return true;
}

/// How far the guest came, what became of the scheduler, and the ends of the logs.
std::string dump_text(const json::object& dump, std::size_t width) {
  std::string out;
  if (const std::string stage = text_at(dump, "stage"); !stage.empty())
    out += "  stage reached: " + printable(stage) + "\n";
  if (const json::value* scheduler = dump.if_contains("sched_ext");
      scheduler != nullptr && scheduler->is_object()) {
    const json::object& told = scheduler->get_object();
    const std::string reason = text_at(told, "exit_reason");
    out += hanging("  scheduler: " + or_dash(text_at(told, "ops")) + ", " + or_dash(text_at(told, "state")) +
                       (reason.empty() ? "" : ": " + printable(reason)),
                   width, 4);
  }
  if (add_sections(dump, out)) return out;
  for (const Logs& log : kLogs) {
    const std::vector<std::string> lines = last_lines(text_at(dump, log.key));
    if (lines.empty()) continue;
    out += std::string("  ") + log.title + ":\n";
    for (const std::string& line : lines) out += "    " + line + "\n";
  }
  return out;
}

json::value dump_json(const StoredTest& test) {
  if (!test.dump) return nullptr;
  json::object out;
  for (const char* key : {"stage", "sched_ext", "sections", "scheduler_log", "dmesg", "console_tail"}) {
    const json::value* value = test.dump->if_contains(key);
    out[key] = value == nullptr ? json::value(nullptr) : *value;
  }
  return out;
}

std::string test_text(const StoredTest& test, const MetricRegistry& metrics, std::size_t width) {
  std::string out = printable(test.test) + " " + or_dash(test.topology) + " " + or_dash(test.scheduler) +
                    " " + or_dash(test.work_type) + ": " + test.outcome + "\n";
  for (const std::string& line : test.why) out += hanging("  " + printable(line), width, 4);
  out += "  run " + printable(test.run) + ", kernel " + or_dash(test.kernel) + ", commit " +
         or_dash(test.project_commit);
  if (test.sidecar) {
    const SidecarRecord& record = test.sidecar->record;
    out += ", " + or_dash(record.timestamp) +
           (record.accelerator.empty() ? "" : ", " + printable(record.accelerator)) +
           (record.time_source == "virtual" ? ", in virtual time" : "");
  }
  out += "\n";
  if (test.dump) out += dump_text(*test.dump, width);
  if (const auto figures = figures_of(test, metrics); !figures.empty()) {
    std::vector<std::vector<std::string>> table{{"  METRIC", "VALUE", "UNIT"}};
    for (const Figure& figure : figures)
      table.push_back({"  " + figure.name, significant(figure.value, 10), or_dash(figure.unit)});
    out += text_table(table, {1}, width);
  }
  for (const std::string& file : test.files) out += "  file: " + printable(file) + "\n";
  return out + "  again: " + printable(test.again) + "\n";
}

}  // namespace

std::string stored_tests_text(const std::vector<StoredTest>& tests, const MetricRegistry& metrics,
                              std::size_t width) {
  std::string out;
  for (const StoredTest& test : tests) out += (out.empty() ? "" : "\n") + test_text(test, metrics, width);
  return out;
}

json::object stored_tests_json(const std::vector<StoredTest>& tests, const MetricRegistry& metrics) {
  json::array out;
  for (const StoredTest& test : tests) {
    json::object values;
    for (const Figure& figure : figures_of(test, metrics)) values[figure.name] = figure.value;
    out.push_back({{"run", test.run},
                   {"test", test.test},
                   {"topology", or_null(test.topology)},
                   {"scheduler", or_null(test.scheduler)},
                   {"work_type", or_null(test.work_type)},
                   {"kernel", or_null(test.kernel)},
                   {"project_commit", or_null(test.project_commit)},
                   {"outcome", test.outcome},
                   {"why", json::array(test.why.begin(), test.why.end())},
                   {"metrics", std::move(values)},
                   {"failure_dump", dump_json(test)},
                   {"files", json::array(test.files.begin(), test.files.end())},
                   {"again", test.again}});
  }
  return document("show-test", {{"tests", std::move(out)}});
}

}  // namespace ktstr
