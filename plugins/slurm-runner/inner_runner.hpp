// SPDX-License-Identifier: Apache-2.0
//
// The runner whose tests these are, asked on this machine: `ktstr plugin call`.
#pragma once
#include <functional>
#include <ktstr/cpp/runner.hpp>
#include <string>
#include <vector>

#include "options.hpp"
#include "request.hpp"

namespace ktstr::slurm {

/// The ktstr that tasks start: the option's, or the program that this is.
std::string ktstr_program(const SlurmOptions& options);

/// What `ktstr plugin call` reads.
json::object task_document(const SlurmOptions& options, json::object request);

/// The tests of the request's manifests. Throws sdk::Error, the inner runner's as it was.
std::vector<sdk::TestEntry> discover_tests(const SlurmOptions& options, const FarmRequest& request,
                                           const std::function<bool()>& stopped);

/// What such a call answered. Throws sdk::Error or a Mistake.
std::vector<sdk::TestEntry> parse_discovered(const std::string& text);

}  // namespace ktstr::slurm
