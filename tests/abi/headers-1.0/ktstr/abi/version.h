/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every version of the plugin ABI, in one place. They move only when the ABI moves, never with a release of
 * ktstr.
 *
 * MAJOR is part of the entry symbol's name: a plugin of another major cannot even be looked up by accident.
 * MINOR grows when a field or function is appended anywhere; any 1.x plugin runs on any 1.y host (see
 * docs/abi-promise.md). Each plugin kind has an interface id with a version of its own, so that gates may
 * move without breaking reporters.
 */
#ifndef KTSTR_ABI_VERSION_H
#define KTSTR_ABI_VERSION_H

#define KTSTR_ABI_MAJOR 1
#define KTSTR_ABI_MINOR 0

#define KTSTR_STORE_INTERFACE "ktstr.store/1"
#define KTSTR_RUNNER_INTERFACE "ktstr.runner/1"
#define KTSTR_BASELINE_INTERFACE "ktstr.baseline/1"
#define KTSTR_GATE_INTERFACE "ktstr.gate/1"
#define KTSTR_REPORTER_INTERFACE "ktstr.reporter/1"

#endif
