// SPDX-License-Identifier: Apache-2.0
#include "manifest/metric_reader.hpp"

#include <algorithm>
#include <initializer_list>
#include <limits>

#include "manifest/keys.hpp"
#include "manifest/names.hpp"
#include "manifest/number_pattern.hpp"

namespace ktstr::kvm {
namespace {

constexpr double kHugeNumber = 1e18;

/// A line that the agent can send or look for.
std::string parse_line(const Located& located, std::size_t longest, const char* what) {
  std::string text = located.text(longest);
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (text.empty() || !plain) wrong(located.place, what, *located.value);
  return text;
}

/// Exactly one of these says where the number comes from.
void expect_one_source(const StrictObject& object, const std::string& place,
                       std::initializer_list<std::string_view> sources) {
  std::string names;
  std::size_t found = 0, seen = 0;
  for (const std::string_view source : sources) {
    names += (seen == 0                    ? ""
              : seen + 1 == sources.size() ? " and "
                                           : ", ") +
             ('"' + std::string(source) + '"');
    ++seen;
    if (object.find(source) != nullptr) ++found;
  }
  if (found != 1) refuse(place, "expected one of " + names);
}

void parse_printed(const StrictObject& object, ProgramMetric& metric) {
  if (const Located* json = object.find("json")) {
    metric.json = json->text(200);
    if (metric.json.empty()) wrong(json->place, "the dotted path of a number", *json->value);
  }
  if (const Located* regex = object.find("regex")) {
    metric.regex = regex->text(500);
    if (const std::string problem = pattern_problem(metric.regex); !problem.empty())
      refuse(regex->place, problem, "put the number into parentheses: \"p99=([0-9.]+)\"");
  }
}

void parse_demands(const StrictObject& object, ProgramMetric& metric) {
  if (const Located* unit = object.find("unit")) metric.unit = unit->text(20);
  if (const Located* direction = object.find("direction"))
    metric.direction = direction->one_of(keys::kDirections, "direction");
  if (const Located* min = object.find("min")) metric.min = min->number(-kHugeNumber, kHugeNumber);
  if (const Located* max = object.find("max")) metric.max = max->number(-kHugeNumber, kHugeNumber);
  if (const Located* exists = object.find("exists")) metric.exists = exists->boolean();
}

std::string metric_name(const std::string& name, const Located& located) {
  const boost::json::value named(name);
  return parse_name({&named, located.place}, 100);
}

}  // namespace

ProgramMetric parse_payload_metric(const std::string& name, const Located& located) {
  ProgramMetric metric;
  metric.name = metric_name(name, located);
  const StrictObject object(located, keys::kPayloadMetric);
  expect_one_source(object, located.place, {"json", "regex"});
  parse_printed(object, metric);
  parse_demands(object, metric);
  return metric;
}

ProgramMetric parse_scheduler_metric(const std::string& name, const Located& located) {
  constexpr std::size_t kLongestSymbol = 128, kLongestSocket = 100, kLongestRequest = 1024;
  ProgramMetric metric;
  metric.name = metric_name(name, located);
  const StrictObject object(located, keys::kSchedulerMetric);
  expect_one_source(object, located.place, {"json", "regex", "variable", "map"});
  parse_printed(object, metric);
  if (const Located* variable = object.find("variable"))
    metric.variable = parse_line(*variable, kLongestSymbol, "the name of a global variable");
  const Located *map = object.find("map"), *key = object.find("key");
  if (map != nullptr) metric.map = parse_line(*map, kLongestSymbol, "the name of a map");
  if ((map == nullptr) != (key == nullptr))
    refuse((map != nullptr ? map : key)->place, "\"map\" and \"key\" go together",
           "say which number of the map is meant: {\"map\": \"stats\", \"key\": 0}");
  if (key != nullptr) metric.key = key->integer(0, std::numeric_limits<std::int64_t>::max());
  const Located *socket = object.find("socket"), *request = object.find("request");
  if ((socket == nullptr) != (request == nullptr) || (socket != nullptr && metric.json.empty()))
    refuse((socket != nullptr ? socket : request)->place, "\"socket\", \"request\" and \"json\" go together",
           "say what the socket is asked with, and which number of its answer is meant");
  if (socket != nullptr) {
    metric.socket = parse_line(*socket, kLongestSocket, "the absolute path of a Unix socket");
    if (metric.socket.front() != '/')
      wrong(socket->place, "the absolute path of a Unix socket", *socket->value);
    metric.request = parse_line(*request, kLongestRequest, "a line of plain text");
  }
  parse_demands(object, metric);
  return metric;
}

}  // namespace ktstr::kvm
