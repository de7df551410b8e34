// SPDX-License-Identifier: Apache-2.0
#include "show/thresholds.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

/// What a plugin has written may be anything.
Result<json::array> demands_of(const TestDemands& test) {
  auto parsed = parse_json(test.demands, "what the runner tells of " + printable(test.test));
  if (!parsed) return parsed.error();
  const auto is_demand = [](const json::value& row) {
    return row.is_object() && row.get_object().contains("name") && row.at("name").is_string() &&
           row.get_object().contains("limit") && row.get_object().contains("from") &&
           row.at("from").is_string();
  };
  if (!parsed->is_array() || !std::all_of(parsed->get_array().begin(), parsed->get_array().end(), is_demand))
    return Error{ExitCode::kPlugin,
                 "what the runner tells of " + printable(test.test) + " is no list of name, limit and from",
                 ""};
  return std::move(parsed->get_array());
}

std::string limit_text(const json::value& limit) {
  if (limit.is_string()) return printable(std::string(limit.get_string()));
  return to_text(limit, 0);
}

std::string table_of(const json::array& demands) {
  if (demands.empty()) return "nothing is demanded: it passes when it runs to its end\n";
  std::vector<std::vector<std::string>> table{{"DEMAND", "LIMIT", "FROM"}};
  for (const json::value& row : demands)
    table.push_back({printable(std::string(row.at("name").get_string())), limit_text(row.at("limit")),
                     printable(std::string(row.at("from").get_string()))});
  return text_table(table);
}

}  // namespace

Result<std::string> thresholds_text(const std::vector<TestDemands>& tests) {
  std::string out;
  for (const TestDemands& test : tests) {
    out += (out.empty() ? "" : "\n") + printable(test.test) + ", " + printable(test.topology) + ", " +
           printable(test.scheduler) + "\n";
    if (test.demands.empty()) {
      out += "the runner does not tell what is demanded\n";
      continue;
    }
    const auto demands = demands_of(test);
    if (!demands) return demands.error();
    out += table_of(*demands);
  }
  return out;
}

Result<json::object> thresholds_json(const std::vector<TestDemands>& tests) {
  json::array rows;
  for (const TestDemands& test : tests) {
    json::value told = nullptr;
    if (!test.demands.empty()) {
      auto demands = demands_of(test);
      if (!demands) return demands.error();
      told = std::move(*demands);
    }
    rows.push_back(json::object{{"test", test.test},
                                {"topology", test.topology},
                                {"scheduler", test.scheduler},
                                {"demands", std::move(told)}});
  }
  return document("show-thresholds", {{"tests", std::move(rows)}});
}

}  // namespace ktstr
