// SPDX-License-Identifier: Apache-2.0
//
// Reads parts of the spec's JSON; every mistake throws BadSpec, which parse_spec catches. The runner writes
// what is read here (guest/spec_writer.cpp), so a mistake is one of ours; it must not become a strange run.
#pragma once
#include <boost/json.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "protocol/scenario.hpp"

namespace ktstr::agent {

struct BadSpec : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const boost::json::value& member(const boost::json::object& object, std::string_view key,
                                 const std::string& where);
const boost::json::object& object_of(const boost::json::value& value, const std::string& where);
const boost::json::array& array_of(const boost::json::object& object, std::string_view key,
                                   const std::string& where, std::size_t limit);
std::uint64_t number_of(const boost::json::object& object, std::string_view key, const std::string& where,
                        std::uint64_t max);
bool flag_of(const boost::json::object& object, std::string_view key, const std::string& where);
std::string text_of(const boost::json::value& value, const std::string& where);

/// The "scenario" of a spec with so many schedulers that operations start.
kvm::Scenario scenario_of(const boost::json::object& object, std::size_t schedulers);

}  // namespace ktstr::agent
