// SPDX-License-Identifier: Apache-2.0
//
// What lets a few lines say a family of tests, before anything is checked:
//   "params": {"n": 4}               "$n" anywhere in the test is 4; "${n}" within a text is its text
//   "matrix": {"nice": [0, 10]}      the test once for each combination of the lists; its name gets the
//   values
//   {"repeat": 8, …}                 in a list: the object eight times, "$i" and "${i}" count from 0
//   "scenario": "steady"             cgroups and steps of a canned scenario (canned_scenarios.hpp), with its
//   parameters
#pragma once
#include <boost/json/value.hpp>
#include <ktstr/kit/json_reader.hpp>
#include <vector>

namespace ktstr::kvm {

/// Each test that the object stands for, without the keys above. Mistakes throw, with places in the manifest.
std::vector<boost::json::value> expand_test(const Located& located);

}  // namespace ktstr::kvm
