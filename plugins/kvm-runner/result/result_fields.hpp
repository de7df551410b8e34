// SPDX-License-Identifier: Apache-2.0
//
// Checked access to the fields of the agent's result. Every mistake throws ResultError, which
// read_agent_result catches.
#pragma once
#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ktstr::kvm {

struct ResultError {
  std::string problem;
};

/// A value of the result and where it lies ("scenario.cgroups[0].workers[3].tid").
class Field {
 public:
  Field(const boost::json::value& value, std::string place) : value_(&value), place_(std::move(place)) {}

  /// The member `key` of an object; absent is a mistake.
  Field operator[](std::string_view key) const;
  /// Insists that this is an object with these keys and no others.
  void only(std::span<const std::string_view> keys) const;
  bool has(std::string_view key) const;
  bool is_null() const { return value_->is_null(); }
  std::uint64_t count() const;                  ///< a whole number from 0 to 2^63-1
  std::uint32_t cpu(std::uint32_t cpus) const;  ///< a whole number below `cpus`
  std::int64_t whole() const;                   ///< a whole number, negative too
  bool flag() const;
  std::string text(std::size_t longest) const;
  std::vector<Field> items(std::size_t most) const;
  std::vector<std::pair<std::string, Field>> members(std::size_t most) const;  ///< of an object
  std::vector<std::uint64_t> counts(std::size_t most) const;
  std::vector<std::uint32_t> cpu_list(std::uint32_t cpus) const;  ///< strictly ascending
  [[noreturn]] void fail(std::string_view why) const;

 private:
  const boost::json::value* value_;
  std::string place_;
};

}  // namespace ktstr::kvm
