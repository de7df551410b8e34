// SPDX-License-Identifier: Apache-2.0
#include "config/metrics.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

using Kind = ValueShape::Kind;

constexpr double kUsualRelativeGate = 0.10;

bool is_metric_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 &&
         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") ==
             std::string_view::npos;
}

/// Keys joined by dots, or empty.
bool is_place(std::string_view text) {
  const std::vector<std::string> keys = split(text, '.');
  return text.empty() || std::find(keys.begin(), keys.end(), "") == keys.end();
}

constexpr TextForm kName = {"^[A-Za-z0-9_.-]{1,100}$", is_metric_name, "is no name for a metric",
                            "letters, digits, _ . -"};
constexpr TextForm kPlace = {R"(^([^.]+(\.[^.]+)*)?$)", is_place, "is no place in a sidecar",
                             "keys joined by dots: stats.ext_metrics.requests_per_sec"};

constexpr ConfigMember kMembers[] = {
    {"name", {.form = &kName}, "what it is called; one that is taken is an error", R"("rps")", true},
    {"polarity",
     {.kind = Kind::kChoice, .names = kPolarityNames},
     "which way is better",
     R"("higher")",
     true},
    {"class",
     {.kind = Kind::kChoice, .names = kClassNames},
     "how it is judged",
     R"("count")",
     false,
     [] { return json::value(kClassNames[MetricContribution{}.metric_class]); }},
    {"unit", {}, "for people; left out: a plain number", R"("req/s")"},
    {"abs",
     {.kind = Kind::kNumber},
     "smallest change that matters, in unit",
     "10",
     false,
     [] { return json::value(MetricContribution{}.abs_gate); }},
    {"rel",
     {.kind = Kind::kNumber},
     "smallest relative change that matters; 0.1 is 10 %",
     "0.05",
     false,
     [] { return json::value(kUsualRelativeGate); }},
    {"path", {.form = &kPlace}, "place in the sidecar, keys joined by dots", R"("timing.ready_ms")"},
    {"ext_metric",
     {},
     "instead of `path`: key below `stats.ext_metrics`; without both the name",
     R"("server.rps")"},
    {"description", {}, "for people", R"("requests served per second")"},
};

/// Where its value lies in a sidecar; empty for the place that its name tells.
std::string path_of(const OpenObject& object) {
  const Located *path = object.find("path"), *ext_metric = object.find("ext_metric");
  if (path != nullptr && ext_metric != nullptr)
    refuse(path->place, "\"path\" and \"ext_metric\" exclude each other");
  if (ext_metric != nullptr && !ext_metric->text().empty()) return "stats.ext_metrics." + ext_metric->text();
  return object.text("path");
}

MetricContribution contribution(const Located& located, const std::string& by) {
  const OpenObject object = read_members(located, kMetricShape);
  MetricContribution row;
  row.name = object.get("name").text();
  row.polarity = static_cast<std::uint32_t>(object.get("polarity").index_in(kPolarityNames, "polarity"));
  if (const Located* value = object.find("class"))
    row.metric_class = static_cast<std::uint32_t>(value->index_in(kClassNames, "class"));
  const auto gate = [&](std::string_view key, double usual) {
    const Located* value = object.find(key);
    return value == nullptr ? usual : value->not_negative();
  };
  row.abs_gate = gate("abs", row.abs_gate);
  row.rel_gate = gate("rel", kUsualRelativeGate);
  row.unit = object.text("unit");
  row.path = path_of(object);
  row.description = object.text("description");
  if (row.description.empty()) row.description = "declared by " + by;
  return row;
}

}  // namespace

const ObjectShape kMetricShape = {"metric", kMembers};

void add_metrics(const Located& list, const std::string& by, MetricRegistry& metrics) {
  const std::size_t before = metrics.rows().size();
  for (const Located& item : list.items()) {
    const Status added = metrics.add(contribution(item, by));
    if (!added) refuse(item.place, added.error().message, added.error().hint);
  }
  KTSTR_ASSERT(metrics.rows().size() == before + list.items().size());
}

}  // namespace ktstr
