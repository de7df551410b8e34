// SPDX-License-Identifier: Apache-2.0
#include "tests.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <ktstr/sdk.hpp>

namespace process_runner {
namespace json = boost::json;
using ktstr::sdk::Error;
namespace {

[[noreturn]] void mistake(const std::string& where, const std::string& what) {
  throw Error(KTSTR_INVALID_ARGUMENT, where + ": " + what);
}

json::object object_of(std::string_view text, const std::string& where) {
  boost::system::error_code failed;
  json::value value = json::parse({text.data(), text.size()}, failed);
  if (failed) mistake(where, failed.message());
  if (!value.is_object()) mistake(where, "expected an object");
  return std::move(value.get_object());
}

std::string text_of(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<std::string> texts_of(const json::object& object, const char* key) {
  std::vector<std::string> texts;
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return texts;
  for (const json::value& element : value->get_array()) {
    if (element.is_string()) texts.emplace_back(element.get_string());
  }
  return texts;
}

Test test_of(const json::value& value, const std::string& manifest, const std::string& place) {
  const std::string where = manifest + ": " + place;
  if (!value.is_object()) mistake(where, "expected an object");
  const json::object& object = value.get_object();
  for (const auto& entry : object) {
    if (entry.key() != "name" && entry.key() != "command" && entry.key() != "timeout_s")
      mistake(where, "unknown key \"" + std::string(entry.key()) + "\"; known: name, command, timeout_s");
  }
  Test test;
  test.manifest = manifest;
  test.name = text_of(object, "name");
  if (test.name.empty() || test.name.find('/') != std::string::npos)
    mistake(where, "a test needs a name without \"/\"");
  test.command = texts_of(object, "command");
  if (test.command.empty()) mistake(where, "\"command\" must be an array of strings: program and arguments");
  if (const json::value* timeout = object.if_contains("timeout_s")) {
    if (!timeout->is_int64() || timeout->get_int64() < 1 || timeout->get_int64() > 86400)
      mistake(where, "\"timeout_s\" must be a whole number from 1 to 86400");
    test.timeout = std::chrono::seconds(timeout->get_int64());
  }
  return test;
}

}  // namespace

Request parse_request(std::string_view text) {
  const json::object object = object_of(text, "request");
  Request request{text_of(object, "project_dir"), texts_of(object, "manifests"), texts_of(object, "tests")};
  if (const json::value* seed = object.if_contains("seed"); seed != nullptr && seed->is_int64())
    request.seed = static_cast<std::uint64_t>(seed->get_int64());
  return request;
}

std::vector<Test> load_tests(const Request& request) {
  std::vector<Test> tests;
  for (const std::string& manifest : request.manifests) {
    std::ifstream file(manifest, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) mistake(manifest, "cannot be read");
    const json::object object = object_of(text, manifest);
    const json::value* list = object.if_contains("tests");
    if (list == nullptr || !list->is_array()) mistake(manifest, "\"tests\" must be an array");
    for (const json::value& element : list->get_array())
      tests.push_back(test_of(element, manifest, "tests[" + std::to_string(tests.size()) + "]"));
  }
  std::sort(tests.begin(), tests.end(), [](const Test& a, const Test& b) { return a.name < b.name; });
  const auto same = [](const Test& a, const Test& b) { return a.name == b.name; };
  if (const auto twice = std::adjacent_find(tests.begin(), tests.end(), same); twice != tests.end())
    mistake(twice->manifest, "two tests are called \"" + twice->name + "\"");
  return tests;
}

json::object metrics_of(std::string_view output) {
  json::object metrics;
  constexpr std::string_view kBegin = "metric ";
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    const std::string_view line = output.substr(0, end);
    output.remove_prefix(std::min(end + 1, output.size()));
    if (line.substr(0, kBegin.size()) != kBegin) continue;
    const std::string_view rest = line.substr(kBegin.size());
    const std::size_t blank = std::min(rest.find(' '), rest.size());
    const std::string name(rest.substr(0, blank)), number(rest.substr(std::min(blank + 1, rest.size())));
    double value = 0;
    const auto [stop, failed] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (name.empty() || failed != std::errc() || stop != number.data() + number.size() ||
        !std::isfinite(value))
      throw Error(KTSTR_BAD_DATA, "\"" + std::string(line) + "\" is no \"metric NAME VALUE\"");
    metrics[name] = value;
  }
  return metrics;
}

}  // namespace process_runner
