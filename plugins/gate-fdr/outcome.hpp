// SPDX-License-Identifier: Apache-2.0
//
// From a test and its adjusted p to the verdict that a reader sees.
#pragma once
#include <ktstr/abi/gate.h>

#include <map>

#include "evidence.hpp"
#include "options.hpp"
#include "power.hpp"
#include "test.hpp"

namespace ktstr::fdr {

/// A test with what the other comparisons of the call make of it.
struct Adjusted {
  Test test;
  double q_harm = 1, q_gain = 1;
  double level = 0;   ///< p that this comparison needed, given what else was found
  bool gates = true;  ///< informational metrics and, by default, extremes do not
};

/// Answers what needs no test: no values, too few of them, exact metrics that do not vary. False when a test
/// must decide.
bool judge_without_test(const ktstr_comparison& comparison, const Evidence& evidence, bool has_history,
                        ktstr_verdict& verdict);

/// The change of the host's estimates, of which all gates speak.
void fill_effect(const ktstr_comparison& comparison, ktstr_verdict& verdict);

class OutcomeWriter {
 public:
  explicit OutcomeWriter(const Options& options) : options_(options) {}
  void operator()(const ktstr_comparison& comparison, const Evidence& evidence, const Adjusted& adjusted,
                  ktstr_verdict& verdict);

 private:
  double critical_value(double df, double tail);
  void fill_interval(const ktstr_comparison& comparison, const Evidence& evidence, const Test& test,
                     ktstr_verdict& verdict);
  bool within_gate(const ktstr_comparison& comparison, const Evidence& evidence, const Test& test,
                   const ktstr_verdict& verdict);
  double detectable(const Evidence& evidence, const Adjusted& adjusted);
  double detectable_change(const ktstr_comparison& comparison, const Evidence& evidence,
                           const Adjusted& adjusted);
  bool could_hide_in_equality(const ktstr_comparison& comparison, const Evidence& evidence,
                              const Adjusted& adjusted);
  void explain(const ktstr_comparison& comparison, const Evidence& evidence, const Adjusted& adjusted,
               ktstr_verdict& verdict);

  const Options& options_;
  DetectableShifts detectable_;
  std::map<std::pair<double, double>, double> critical_;
};

}  // namespace ktstr::fdr
