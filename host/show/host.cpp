// SPDX-License-Identifier: Apache-2.0
#include "show/host.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "show/document.hpp"

namespace ktstr {
namespace {

std::string host_value(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : to_text(value, 0);
}

std::vector<std::string> sorted_keys(const json::object& map) {
  std::vector<std::string> keys;
  for (const auto& entry : map) keys.emplace_back(entry.key());
  std::sort(keys.begin(), keys.end(), numeric_less);
  return keys;
}

}  // namespace

std::string host_delta_text(const std::string& before_name, const HostIdentity& before,
                            const std::string& after_name, const HostIdentity& after) {
  const std::string a = "'" + printable(before_name) + "'", b = "'" + printable(after_name) + "'";
  if (before.empty() && after.empty()) return {};
  if (before.empty() || after.empty())
    return "host: captured in " + (after.empty() ? a : b) + " only, delta unavailable\n";
  const std::vector<HostDifference> differences = host_delta(before, after);
  if (differences.empty()) {
    const auto arch = after.find("arch");
    return "host: identical between " + a + " and " + b +
           " (arch: " + (arch == after.end() ? "unknown" : printable(arch->second)) + ")\n";
  }
  std::string out = "host delta (" + a + " → " + b + "):\n";
  for (const HostDifference& d : differences)
    out += "  " + printable(d.key) + ": " + printable(d.before) + " → " + printable(d.after) + "\n";
  return out;
}

json::object host_delta_json(const std::string& before_name, const HostIdentity& before,
                             const std::string& after_name, const HostIdentity& after) {
  json::array differences;
  for (const HostDifference& d : host_delta(before, after))
    differences.push_back({{"key", d.key}, {"before", d.before}, {"after", d.after}});
  return document("stats-host-delta",
                  {{"before", before_name}, {"after", after_name}, {"differences", std::move(differences)}});
}

std::string host_text(const json::object& host) {
  std::string out;
  for (const HostKey& key : host_keys()) {
    const json::value* value = host.if_contains({key.name.data(), key.name.size()});
    const std::string name(key.name);
    if (value == nullptr || value->is_null()) {
      out += name + ": (unknown)\n";
    } else if (!value->is_object()) {
      out += name + ": " + printable(host_value(*value)) + "\n";
    } else if (value->get_object().empty()) {
      out += name + ": (empty)\n";
    } else {
      out += name + ":\n";
      const json::object& map = value->get_object();
      for (const std::string& entry : sorted_keys(map)) {
        out += "  " + printable(entry) + (name == "heap_state" ? ": " : " = ") +
               printable(host_value(map.at(entry))) + "\n";
      }
    }
  }
  return out;
}

std::string readings_text(const json::value* before) {
  if (before == nullptr || !before->is_object()) return {};
  std::string out = "before the run:\n";
  for (const HostKey& key : host_keys()) {
    const json::value* value = before->get_object().if_contains({key.name.data(), key.name.size()});
    if (value != nullptr && value->is_primitive())
      out += "  " + std::string(key.name) + ": " + printable(host_value(*value)) + "\n";
  }
  return out;
}

}  // namespace ktstr
