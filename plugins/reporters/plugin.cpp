// SPDX-License-Identifier: Apache-2.0
#include <ktstr/sdk.hpp>

#include "json_reporter.hpp"
#include "terminal_reporter.hpp"

namespace {
constexpr std::uint32_t kAll = KTSTR_DOCUMENT_TEST_RUN | KTSTR_DOCUMENT_PERF_DELTA |
                               KTSTR_DOCUMENT_CALIBRATE | KTSTR_DOCUMENT_BISECT | KTSTR_DOCUMENT_STATS;
}

KTSTR_PLUGIN("org.ktstr.reporters", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             (ktstr::sdk::reporter_impl<ktstr::reporters::TerminalReporter, kAll>(
                 "terminal", "tables for people", ktstr::reporters::kTerminalOptionsSchema)),
             (ktstr::sdk::reporter_impl<ktstr::reporters::JsonReporter, kAll>(
                 "json", "one JSON document", ktstr::reporters::kJsonOptionsSchema)))
