// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/json.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace process_runner {

/// One test of a manifest.
struct Test {
  std::string name, manifest;
  std::vector<std::string> command;
  std::chrono::seconds timeout{60};
};

/// What the host asks for; see ktstr/abi/runner.h.
struct Request {
  std::string project_dir;
  std::vector<std::string> manifests, tests;
  std::uint64_t seed = 0;
};

Request parse_request(std::string_view text);

/// The tests of the request's manifests, sorted by name. Throws ktstr::sdk::Error, which names file and
/// place.
std::vector<Test> load_tests(const Request& request);

/// The numbers of the output's lines `metric NAME VALUE`. A line that begins like one and is none throws
/// ktstr::sdk::Error.
boost::json::object metrics_of(std::string_view output);

}  // namespace process_runner
