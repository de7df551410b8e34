// SPDX-License-Identifier: Apache-2.0
#include <ktstr/sdk.hpp>

#include "json_reporter.hpp"
#include "terminal_reporter.hpp"

namespace {
constexpr std::uint32_t kBoth = KTSTR_DOCUMENT_TEST_RUN | KTSTR_DOCUMENT_PERF_DELTA;
}

KTSTR_PLUGIN("org.ktstr.reporters", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             (ktstr::sdk::reporter_impl<ktstr::reporters::TerminalReporter, kBoth>(
                 "terminal", "tables for people", R"({"type": "object", "additionalProperties": false})")),
             (ktstr::sdk::reporter_impl<ktstr::reporters::JsonReporter, kBoth>("json", "one JSON document",
                                                                               R"({
  "type": "object", "additionalProperties": false,
  "properties": {"compact": {"type": "boolean", "default": false, "description": "one line instead of an indented document"}}
})")))
