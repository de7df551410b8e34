// SPDX-License-Identifier: Apache-2.0
//
// What a runner declares of its tests, as a document of its plugin's manifest: what may vary and how far,
// what holds for any scheduler, and what may be left out to make a test smaller. The host knows the form of
// tests (JSON) and not their language.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace ktstr {

/// A way to change a test: what one of its objects gets, or what a list of it gets at its end.
struct Variation {
  std::string dimension;             ///< as --vary names it
  std::vector<std::string> places;   ///< patterns: "cgroups/*"
  std::string needs;                 ///< member that the object has to have; empty: none
  bool appends = false;              ///< places are lists, which get one more item
  json::value first;                 ///< what a list that is not there yet begins with; null: nothing
  std::uint64_t at_most = 8;         ///< items of such a list
  std::vector<json::value> choices;  ///< merged (RFC 7396) into the object, or appended
};

/// What holds for any scheduler unless a test says otherwise. Without a member it is judged unasked, and has
/// a name all the same.
struct Invariant {
  std::string name;                   ///< "bounded starvation"
  std::vector<std::string> member;    ///< where its limit lies: {"assert", "max_gap_ms"}
  json::value limit;                  ///< a number grows with what follows
  double for_each = 0;                ///< so much for each of what `count` says
  std::string count;                  ///< member that counts: "workers"
  std::vector<std::string> count_in;  ///< patterns of the objects that have it
  std::uint64_t count_absent = 0;     ///< what an object counts that does not say
  std::set<std::string> unless;       ///< it is not asked of tests with such a member anywhere
  bool own_too = false;               ///< nor then is a limit of the test's own: scenarios are shorter
  std::string says;                   ///< part of every message that tells of it
};

/// What makes another scheduler take over in the middle of a test: the kernel's own, say.
struct Takeover {
  json::value merge;             ///< into the test; "$before" and "$after" are the two parts of its length
  std::string length;            ///< member that says how long a test is: "duration_ms"; empty: there is no
                                 ///< takeover
  std::set<std::string> unless;  ///< it cannot be had of tests with one of these
};

struct Bounds {
  std::string list;                  ///< member of a manifest that has its tests, where it has more than one
  json::object set;                  ///< members that every scenario gets
  std::set<std::string> set_unless;  ///< but not a test with one of these
  json::object always;               ///< members that every scenario gets without exception
  Takeover takeover;
  std::vector<Variation> variations;
  std::vector<Invariant> invariants;
  std::set<std::string> keep;                     ///< members of the test that are never left out
  std::set<std::string> untouched;                ///< members of the test whose numbers stay
  std::map<std::string, std::uint64_t> at_least;  ///< numbers that may become smaller, by member

  std::vector<std::string> dimensions() const;  ///< each once, in their order
};

/// Throws Mistake.
Bounds read_bounds(const Located& document);

/// Whether an object anywhere in it has one of these members.
bool has_member(const json::value& value, const std::set<std::string>& names);

}  // namespace ktstr
