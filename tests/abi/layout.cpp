// SPDX-License-Identifier: Apache-2.0
#include <ktstr/abi/environment.h>
#include <ktstr/abi/library.h>

#include <ktstr/sdk.hpp>
#include <type_traits>

#define KTSTR_CHECK(condition, message) static_assert(condition, message)
#include "layout.h"

// What crosses the boundary is copied as bytes.
template <typename... Types>
constexpr bool plain = ((std::is_standard_layout_v<Types> && std::is_trivially_copyable_v<Types>)&&...);
static_assert(
    plain<ktstr_str, ktstr_error, ktstr_writer, ktstr_host, ktstr_library_service, ktstr_create_request,
          ktstr_impl, ktstr_plugin, ktstr_run_entry, ktstr_sidecar_entry, ktstr_run_request,
          ktstr_run_changes, ktstr_put_request, ktstr_file_read, ktstr_store_v1, ktstr_test_entry,
          ktstr_progress, ktstr_artifact, ktstr_test_end, ktstr_run_events, ktstr_runner_v1, ktstr_commit,
          ktstr_tree, ktstr_baseline_request, ktstr_resolved, ktstr_diff_request, ktstr_baseline_v1,
          ktstr_samples, ktstr_scenario, ktstr_history, ktstr_comparison, ktstr_verdict, ktstr_gate_v1,
          ktstr_report_begin, ktstr_gate_opinion, ktstr_report_row, ktstr_report_end, ktstr_reporter_v1>);
