/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ABI 1.0, before it is frozen, for 64-bit machines: offsets never change, structs only grow at the end,
 * those without a `size` not at all, numbers keep their meaning. Rows may be added here; a row that has to be
 * edited is an incompatible change.
 *
 * Included by layout.c and layout.cpp, which define KTSTR_CHECK.
 */
#define AT(type, field, offset) KTSTR_CHECK(offsetof(type, field) == (offset), #type "." #field " moved")
#define GROWN_FROM(type, bytes) KTSTR_CHECK(sizeof(type) >= (bytes) && sizeof(type) % 8 == 0, #type " shrank")
#define FIXED_SIZE(type, bytes) KTSTR_CHECK(sizeof(type) == (bytes), #type " must keep its size")
#define VALUE(name, value) KTSTR_CHECK((name) == (value), #name " changed")

KTSTR_CHECK(sizeof(void*) == 8 && sizeof(double) == 8, "64-bit machines only");

FIXED_SIZE(ktstr_str, 16);
AT(ktstr_str, ptr, 0);
AT(ktstr_str, len, 8);

GROWN_FROM(ktstr_error, 776);
AT(ktstr_error, size, 0);
AT(ktstr_error, code, 4);
AT(ktstr_error, message, 8);
AT(ktstr_error, hint, 520);

GROWN_FROM(ktstr_writer, 24);
AT(ktstr_writer, size, 0);
AT(ktstr_writer, reserved, 4);
AT(ktstr_writer, ctx, 8);
AT(ktstr_writer, write, 16);

GROWN_FROM(ktstr_host, 88);
AT(ktstr_host, size, 0);
AT(ktstr_host, abi_major, 4);
AT(ktstr_host, abi_minor, 6);
AT(ktstr_host, ctx, 8);
AT(ktstr_host, name, 16);
AT(ktstr_host, version, 32);
AT(ktstr_host, instance, 48);
AT(ktstr_host, log, 64);
AT(ktstr_host, cancelled, 72);
AT(ktstr_host, extension, 80);

GROWN_FROM(ktstr_library_service, 16);
AT(ktstr_library_service, size, 0);
AT(ktstr_library_service, reserved, 4);
AT(ktstr_library_service, path, 8);

GROWN_FROM(ktstr_environment_service, 24);
AT(ktstr_environment_service, size, 0);
AT(ktstr_environment_service, reserved, 4);
AT(ktstr_environment_service, variable, 8);
AT(ktstr_environment_service, conceal, 16);
VALUE(KTSTR_VARIABLE_SECRET, 1u);

GROWN_FROM(ktstr_create_request, 104);
AT(ktstr_create_request, size, 0);
AT(ktstr_create_request, flags, 4);
AT(ktstr_create_request, options, 8);
AT(ktstr_create_request, project_dir, 24);
AT(ktstr_create_request, cache_dir, 40);
AT(ktstr_create_request, runs_root, 56);
AT(ktstr_create_request, override_dir, 72);
AT(ktstr_create_request, archive_dir, 88);

GROWN_FROM(ktstr_impl, 96);
AT(ktstr_impl, size, 0);
AT(ktstr_impl, reserved, 4);
AT(ktstr_impl, interface_id, 8);
AT(ktstr_impl, name, 16);
AT(ktstr_impl, summary, 32);
AT(ktstr_impl, options_schema, 48);
AT(ktstr_impl, create, 64);
AT(ktstr_impl, destroy, 72);
AT(ktstr_impl, interface_table, 80);
AT(ktstr_impl, extension, 88);

GROWN_FROM(ktstr_plugin, 120);
AT(ktstr_plugin, size, 0);
AT(ktstr_plugin, abi_major, 4);
AT(ktstr_plugin, abi_minor, 6);
AT(ktstr_plugin, id, 8);
AT(ktstr_plugin, version, 24);
AT(ktstr_plugin, vendor, 40);
AT(ktstr_plugin, license, 56);
AT(ktstr_plugin, sdk, 72);
AT(ktstr_plugin, impl_count, 88);
AT(ktstr_plugin, impl_stride, 92);
AT(ktstr_plugin, impls, 96);
AT(ktstr_plugin, init, 104);
AT(ktstr_plugin, deinit, 112);

GROWN_FROM(ktstr_run_entry, 64);
AT(ktstr_run_entry, size, 0);
AT(ktstr_run_entry, reserved, 4);
AT(ktstr_run_entry, key, 8);
AT(ktstr_run_entry, mtime_ns, 24);
AT(ktstr_run_entry, sidecars, 32);
AT(ktstr_run_entry, location, 40);
AT(ktstr_run_entry, stamp, 56);

GROWN_FROM(ktstr_sidecar_entry, 48);
AT(ktstr_sidecar_entry, size, 0);
AT(ktstr_sidecar_entry, reserved, 4);
AT(ktstr_sidecar_entry, name, 8);
AT(ktstr_sidecar_entry, bytes, 24);
AT(ktstr_sidecar_entry, mtime_ns, 32);
AT(ktstr_sidecar_entry, stamp, 40);

GROWN_FROM(ktstr_run_request, 56);
AT(ktstr_run_request, size, 0);
AT(ktstr_run_request, flags, 4);
AT(ktstr_run_request, key, 8);
AT(ktstr_run_request, session, 24);
AT(ktstr_run_request, inputs, 40);

GROWN_FROM(ktstr_run_changes, 16);
AT(ktstr_run_changes, size, 0);
AT(ktstr_run_changes, flags, 4);
AT(ktstr_run_changes, cleared, 8);

GROWN_FROM(ktstr_put_request, 40);
AT(ktstr_put_request, size, 0);
AT(ktstr_put_request, flags, 4);
AT(ktstr_put_request, name, 8);
AT(ktstr_put_request, bytes, 24);

GROWN_FROM(ktstr_file_read, 40);
AT(ktstr_file_read, size, 0);
AT(ktstr_file_read, status, 4);
AT(ktstr_file_read, index, 8);
AT(ktstr_file_read, bytes, 16);
AT(ktstr_file_read, error, 32);

GROWN_FROM(ktstr_store_v1, 152);
AT(ktstr_store_v1, size, 0);
AT(ktstr_store_v1, capabilities, 4);
AT(ktstr_store_v1, max_concurrency, 8);
AT(ktstr_store_v1, reserved, 12);
AT(ktstr_store_v1, list_runs, 16);
AT(ktstr_store_v1, list_sidecars, 24);
AT(ktstr_store_v1, read, 32);
AT(ktstr_store_v1, begin_run, 40);
AT(ktstr_store_v1, put, 48);
AT(ktstr_store_v1, end_run, 56);
AT(ktstr_store_v1, locate, 64);
AT(ktstr_store_v1, probe, 72);
AT(ktstr_store_v1, read_many, 80);
AT(ktstr_store_v1, list_history, 88);
AT(ktstr_store_v1, remove, 96);
AT(ktstr_store_v1, list_artifacts, 104);
AT(ktstr_store_v1, remove_artifact, 112);
AT(ktstr_store_v1, begin_session, 120);
AT(ktstr_store_v1, end_session, 128);
AT(ktstr_store_v1, list_sessions, 136);
AT(ktstr_store_v1, tidy, 144);

GROWN_FROM(ktstr_test_entry, 128);
AT(ktstr_test_entry, size, 0);
AT(ktstr_test_entry, flags, 4);
AT(ktstr_test_entry, name, 8);
AT(ktstr_test_entry, topology, 24);
AT(ktstr_test_entry, scheduler, 40);
AT(ktstr_test_entry, work_type, 56);
AT(ktstr_test_entry, manifest, 72);
AT(ktstr_test_entry, duration_ms, 88);
AT(ktstr_test_entry, test, 96);
AT(ktstr_test_entry, program, 112);
AT(ktstr_test_entry, demands, 128);
AT(ktstr_test_entry, inputs, 144);

GROWN_FROM(ktstr_progress, 48);
AT(ktstr_progress, size, 0);
AT(ktstr_progress, reserved, 4);
AT(ktstr_progress, test, 8);
AT(ktstr_progress, text, 24);
AT(ktstr_progress, done, 40);

GROWN_FROM(ktstr_artifact, 56);
AT(ktstr_artifact, size, 0);
AT(ktstr_artifact, flags, 4);
AT(ktstr_artifact, test, 8);
AT(ktstr_artifact, name, 24);
AT(ktstr_artifact, type, 40);

GROWN_FROM(ktstr_test_end, 72);
AT(ktstr_test_end, size, 0);
AT(ktstr_test_end, outcome, 4);
AT(ktstr_test_end, attempt, 8);
AT(ktstr_test_end, reserved, 12);
AT(ktstr_test_end, test, 16);
AT(ktstr_test_end, sidecar, 32);
AT(ktstr_test_end, message, 48);
AT(ktstr_test_end, duration_ns, 64);

GROWN_FROM(ktstr_run_events, 48);
AT(ktstr_run_events, size, 0);
AT(ktstr_run_events, reserved, 4);
AT(ktstr_run_events, ctx, 8);
AT(ktstr_run_events, started, 16);
AT(ktstr_run_events, progress, 24);
AT(ktstr_run_events, artifact, 32);
AT(ktstr_run_events, finished, 40);

GROWN_FROM(ktstr_runner_v1, 40);
AT(ktstr_runner_v1, size, 0);
AT(ktstr_runner_v1, capabilities, 4);
AT(ktstr_runner_v1, probe, 8);
AT(ktstr_runner_v1, discover, 16);
AT(ktstr_runner_v1, run, 24);
AT(ktstr_runner_v1, interrupt, 32);
AT(ktstr_runner_v1, shell, 40);
AT(ktstr_runner_v1, verify, 48);

GROWN_FROM(ktstr_commit, 320);
AT(ktstr_commit, size, 0);
AT(ktstr_commit, reserved, 4);
AT(ktstr_commit, id, 8);
AT(ktstr_commit, label, 80);
AT(ktstr_commit, summary, 128);
AT(ktstr_commit, time_s, 312);

GROWN_FROM(ktstr_tree, 1232);
AT(ktstr_tree, size, 0);
AT(ktstr_tree, flags, 4);
AT(ktstr_tree, commit, 8);
AT(ktstr_tree, branch, 16);
AT(ktstr_tree, subdirectory, 136);
AT(ktstr_tree, state, 1160);

GROWN_FROM(ktstr_baseline_request, 88);
AT(ktstr_baseline_request, size, 0);
AT(ktstr_baseline_request, reserved, 4);
AT(ktstr_baseline_request, path, 8);
AT(ktstr_baseline_request, base, 24);
AT(ktstr_baseline_request, base_ref, 40);
AT(ktstr_baseline_request, ci_base_ref, 56);
AT(ktstr_baseline_request, default_branch, 72);

GROWN_FROM(ktstr_resolved, 200);
AT(ktstr_resolved, size, 0);
AT(ktstr_resolved, how, 4);
AT(ktstr_resolved, commit, 8);
AT(ktstr_resolved, how_text, 16);

GROWN_FROM(ktstr_diff_request, 56);
AT(ktstr_diff_request, size, 0);
AT(ktstr_diff_request, reserved, 4);
AT(ktstr_diff_request, path, 8);
AT(ktstr_diff_request, base, 24);
AT(ktstr_diff_request, head, 40);

GROWN_FROM(ktstr_baseline_v1, 48);
AT(ktstr_baseline_v1, size, 0);
AT(ktstr_baseline_v1, capabilities, 4);
AT(ktstr_baseline_v1, describe, 8);
AT(ktstr_baseline_v1, resolve, 16);
AT(ktstr_baseline_v1, checkout, 24);
AT(ktstr_baseline_v1, range, 32);
AT(ktstr_baseline_v1, diff_command, 40);
AT(ktstr_baseline_v1, changed_files, 48);

GROWN_FROM(ktstr_samples, 40);
AT(ktstr_samples, size, 0);
AT(ktstr_samples, reserved, 4);
AT(ktstr_samples, count, 8);
AT(ktstr_samples, values, 16);
AT(ktstr_samples, blocks, 24);
AT(ktstr_samples, seeds, 32);

GROWN_FROM(ktstr_scenario, 88);
AT(ktstr_scenario, size, 0);
AT(ktstr_scenario, reserved, 4);
AT(ktstr_scenario, test, 8);
AT(ktstr_scenario, topology, 24);
AT(ktstr_scenario, scheduler, 40);
AT(ktstr_scenario, work_type, 56);
AT(ktstr_scenario, kernel, 72);

GROWN_FROM(ktstr_history, 48);
AT(ktstr_history, size, 0);
AT(ktstr_history, reserved, 4);
AT(ktstr_history, log_variance, 8);
AT(ktstr_history, log_variance_df, 16);
AT(ktstr_history, paired_log_variance, 24);
AT(ktstr_history, paired_log_variance_df, 32);
AT(ktstr_history, sessions, 40);

GROWN_FROM(ktstr_comparison, 136);
AT(ktstr_comparison, size, 0);
AT(ktstr_comparison, polarity, 4);
AT(ktstr_comparison, metric_class, 8);
AT(ktstr_comparison, flags, 12);
AT(ktstr_comparison, scenario, 16);
AT(ktstr_comparison, metric, 24);
AT(ktstr_comparison, unit, 40);
AT(ktstr_comparison, abs_gate, 56);
AT(ktstr_comparison, rel_gate, 64);
AT(ktstr_comparison, baseline, 72);
AT(ktstr_comparison, head, 80);
AT(ktstr_comparison, baseline_estimate, 88);
AT(ktstr_comparison, head_estimate, 96);
AT(ktstr_comparison, history, 104);
AT(ktstr_comparison, resolution, 112);
AT(ktstr_comparison, extra_json, 120);

GROWN_FROM(ktstr_verdict, 264);
AT(ktstr_verdict, size, 0);
AT(ktstr_verdict, outcome, 4);
AT(ktstr_verdict, flags, 8);
AT(ktstr_verdict, reserved, 12);
AT(ktstr_verdict, effect_abs, 16);
AT(ktstr_verdict, effect_rel, 24);
AT(ktstr_verdict, statistic, 32);
AT(ktstr_verdict, df, 40);
AT(ktstr_verdict, p_value, 48);
AT(ktstr_verdict, q_value, 56);
AT(ktstr_verdict, ratio, 64);
AT(ktstr_verdict, ci_low, 72);
AT(ktstr_verdict, ci_high, 80);
AT(ktstr_verdict, mde, 88);
AT(ktstr_verdict, false_alarm, 96);
AT(ktstr_verdict, text, 104);

GROWN_FROM(ktstr_gate_v1, 24);
AT(ktstr_gate_v1, size, 0);
AT(ktstr_gate_v1, capabilities, 4);
AT(ktstr_gate_v1, min_samples, 8);
AT(ktstr_gate_v1, reserved, 12);
AT(ktstr_gate_v1, evaluate, 16);

GROWN_FROM(ktstr_report_begin, 48);
AT(ktstr_report_begin, size, 0);
AT(ktstr_report_begin, document, 4);
AT(ktstr_report_begin, flags, 8);
AT(ktstr_report_begin, width, 12);
AT(ktstr_report_begin, tests, 16);
AT(ktstr_report_begin, test_count, 24);
AT(ktstr_report_begin, extra_json, 32);

GROWN_FROM(ktstr_gate_opinion, 32);
AT(ktstr_gate_opinion, size, 0);
AT(ktstr_gate_opinion, reserved, 4);
AT(ktstr_gate_opinion, gate, 8);
AT(ktstr_gate_opinion, verdict, 24);

GROWN_FROM(ktstr_report_row, 112);
AT(ktstr_report_row, size, 0);
AT(ktstr_report_row, outcome, 4);
AT(ktstr_report_row, flags, 8);
AT(ktstr_report_row, reserved, 12);
AT(ktstr_report_row, comparison, 16);
AT(ktstr_report_row, verdict, 24);
AT(ktstr_report_row, opinions, 32);
AT(ktstr_report_row, opinion_count, 40);
AT(ktstr_report_row, test, 48);
AT(ktstr_report_row, duration_ns, 56);
AT(ktstr_report_row, message, 64);
AT(ktstr_report_row, location, 80);
AT(ktstr_report_row, extra_json, 96);

GROWN_FROM(ktstr_report_end, 72);
AT(ktstr_report_end, size, 0);
AT(ktstr_report_end, exit_code, 4);
AT(ktstr_report_end, status, 8);
AT(ktstr_report_end, reserved, 12);
AT(ktstr_report_end, body_json, 16);
AT(ktstr_report_end, body_text, 32);
AT(ktstr_report_end, rows, 48);
AT(ktstr_report_end, extra_json, 56);

GROWN_FROM(ktstr_reporter_v1, 40);
AT(ktstr_reporter_v1, size, 0);
AT(ktstr_reporter_v1, capabilities, 4);
AT(ktstr_reporter_v1, documents, 8);
AT(ktstr_reporter_v1, reserved, 12);
AT(ktstr_reporter_v1, begin, 16);
AT(ktstr_reporter_v1, rows, 24);
AT(ktstr_reporter_v1, end, 32);

VALUE(KTSTR_ABI_MAJOR, 1);
VALUE(KTSTR_OK, 0);
VALUE(KTSTR_NOT_FOUND, 1);
VALUE(KTSTR_INVALID_ARGUMENT, 2);
VALUE(KTSTR_UNSUPPORTED, 3);
VALUE(KTSTR_UNAVAILABLE, 4);
VALUE(KTSTR_IO, 5);
VALUE(KTSTR_CANCELLED, 6);
VALUE(KTSTR_CONFLICT, 7);
VALUE(KTSTR_BAD_DATA, 8);
VALUE(KTSTR_INTERNAL, 9);
VALUE(KTSTR_LOG_DEBUG, 0);
VALUE(KTSTR_LOG_INFO, 1);
VALUE(KTSTR_LOG_WARNING, 2);
VALUE(KTSTR_LOG_ERROR, 3);
VALUE(KTSTR_CREATE_READ_ONLY, 1);
VALUE(KTSTR_NOT_COUNTED, 0xFFFFFFFFFFFFFFFFULL);
VALUE(KTSTR_RUN_PRECLEAR, 1);
VALUE(KTSTR_RUN_PARTIAL, 2);
VALUE(KTSTR_RUN_COMPLETE, 1);
VALUE(KTSTR_RUN_OTHER_INPUTS, 1);
VALUE(KTSTR_SESSION_RESUME, 1);
VALUE(KTSTR_TIDY_DRY_RUN, 1);
VALUE(KTSTR_STORE_RUNS_ROOT, 1);
VALUE(KTSTR_STORE_OVERRIDE_DIR, 2);
VALUE(KTSTR_STORE_ARCHIVE_DIR, 4);
VALUE(KTSTR_TEST_PERFORMANCE_MODE, 1);
VALUE(KTSTR_TEST_PASSED, 0);
VALUE(KTSTR_TEST_FAILED, 1);
VALUE(KTSTR_TEST_SKIPPED, 2);
VALUE(KTSTR_TEST_INCONCLUSIVE, 3);
VALUE(KTSTR_TEST_ERROR, 4);
VALUE(KTSTR_ARTIFACT_FAILURE, 1);
VALUE(KTSTR_RUNNER_NO_KERNEL, 1);
VALUE(KTSTR_RUNNER_ELSEWHERE, 2);
VALUE(KTSTR_TREE_IS_REPOSITORY, 1);
VALUE(KTSTR_TREE_DIRTY, 2);
VALUE(KTSTR_TREE_SHALLOW, 4);
VALUE(KTSTR_BASELINE_BASE, 1);
VALUE(KTSTR_BASELINE_BASE_REF, 2);
VALUE(KTSTR_BASELINE_CI_REF, 3);
VALUE(KTSTR_BASELINE_DEFAULT, 4);
VALUE(KTSTR_CHECKOUT_WORKTREE, 1);
VALUE(KTSTR_LOWER_IS_BETTER, 0);
VALUE(KTSTR_HIGHER_IS_BETTER, 1);
VALUE(KTSTR_INFORMATIONAL, 2);
VALUE(KTSTR_CLASS_RATIO, 0);
VALUE(KTSTR_CLASS_COUNT, 1);
VALUE(KTSTR_CLASS_EXACT, 2);
VALUE(KTSTR_CLASS_EXTREME, 3);
VALUE(KTSTR_COMPARISON_PAIRED, 1);
VALUE(KTSTR_COMPARISON_DETERMINISTIC, 2);
VALUE(KTSTR_COMPARISON_CACHED, 4);
VALUE(KTSTR_UNCHANGED, 0);
VALUE(KTSTR_IMPROVED, 1);
VALUE(KTSTR_REGRESSED, 2);
VALUE(KTSTR_EQUIVALENT, 3);
VALUE(KTSTR_INCONCLUSIVE, 4);
VALUE(KTSTR_VERDICT_SEPARATED_T, 1);
VALUE(KTSTR_VERDICT_SEPARATED_BANDS, 2);
VALUE(KTSTR_VERDICT_MATERIAL_ABS, 4);
VALUE(KTSTR_VERDICT_MATERIAL_REL, 8);
VALUE(KTSTR_VERDICT_UNDERPOWERED, 16);
VALUE(KTSTR_GATE_EACH_METRIC, 1);
VALUE(KTSTR_GATE_FAMILIES, 2);
VALUE(KTSTR_GATE_SIZE_ALONE, 4);
VALUE(KTSTR_DOCUMENT_TEST_RUN, 1);
VALUE(KTSTR_DOCUMENT_PERF_DELTA, 2);
VALUE(KTSTR_DOCUMENT_CALIBRATE, 4);
VALUE(KTSTR_DOCUMENT_BISECT, 8);
VALUE(KTSTR_DOCUMENT_STATS, 16);
VALUE(KTSTR_REPORT_COLOUR, 1);
VALUE(KTSTR_REPORT_ALL, 2);
VALUE(KTSTR_ROW_COUNTS, 1);
VALUE(KTSTR_ROW_INFORMATIONAL, 2);
VALUE(KTSTR_ROW_DECLARED, 4);
VALUE(KTSTR_ROW_MUST_FAIL, 8);
VALUE(KTSTR_REPORT_COMPLETE, 0);
VALUE(KTSTR_REPORT_FAILED, 1);
VALUE(KTSTR_REPORT_CANCELLED, 2);
