// SPDX-License-Identifier: Apache-2.0
#include "sidecar/host_delta.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "sidecar/field.hpp"

namespace ktstr {
namespace {

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : to_text(value, 0);
}

std::size_t rank(std::string_view key) {
  const auto keys = host_keys();
  const std::string_view top = key.substr(0, key.find('.'));
  return static_cast<std::size_t>(
      std::find_if(keys.begin(), keys.end(), [&](const HostKey& known) { return known.name == top; }) -
      keys.begin());
}

std::size_t entries_of(const HostIdentity& host, const std::string& map) {
  const std::string prefix = map + ".";
  std::size_t count = 0;
  for (auto it = host.lower_bound(prefix); it != host.end() && it->first.starts_with(prefix); ++it) ++count;
  return count;
}

}  // namespace

std::span<const HostKey> host_keys() {
  static const std::vector<HostKey> kKeys = [] {
    std::vector<HostKey> keys;
    for (const SidecarField& field : sidecar_fields()) {
      if (const auto [top, inner] = keys_of(field); top == "host" && !inner.empty())
        keys.push_back(
            {inner, !field.is_reading, field.kind == FieldKind::kTexts || field.kind == FieldKind::kObject});
    }
    return keys;
  }();
  return kKeys;
}

bool numeric_less(const std::string& a, const std::string& b) {
  const auto digits = [](const std::string& text) { return text.find_first_of("0123456789"); };
  const std::size_t i = digits(a), j = digits(b);
  if (i == j && i != std::string::npos && a.compare(0, i, b, 0, j) == 0 && a.size() != b.size())
    return a.size() < b.size();
  return a < b;
}

HostIdentity host_identity(const json::object& host) {
  HostIdentity out;
  for (const HostKey& key : host_keys()) {
    const json::value* value = host.if_contains({key.name.data(), key.name.size()});
    if (!key.identity || value == nullptr || value->is_null()) continue;
    if (!value->is_object()) {
      out.emplace(key.name, text_of(*value));
      continue;
    }
    for (const auto& entry : value->get_object())
      out.emplace(std::string(key.name) + "." + std::string(entry.key()), text_of(entry.value()));
  }
  return out;
}

HostIdentity merged_identity(const std::vector<const HostIdentity*>& hosts) {
  std::map<std::string, std::set<std::string>> values;
  for (const HostIdentity* host : hosts) {
    for (const auto& [key, value] : *host) values[key].insert(value);
  }
  HostIdentity out;
  for (const auto& [key, found] : values) out.emplace(key, join(found, " | "));
  KTSTR_ASSERT(out.size() == values.size());
  return out;
}

std::vector<HostDifference> host_delta(const HostIdentity& before, const HostIdentity& after) {
  std::vector<HostDifference> out;
  std::set<std::string> whole;  // maps that one side lacks: said once
  for (const HostKey& key : host_keys()) {
    if (!key.map) continue;
    const std::string map(key.name);
    const std::size_t a = entries_of(before, map), b = entries_of(after, map);
    if ((a == 0) == (b == 0)) continue;
    const auto count = [](std::size_t n) {
      return n == 0 ? std::string("(absent)") : "(" + std::to_string(n) + (n == 1 ? " entry)" : " entries)");
    };
    whole.insert(map);
    out.push_back({map, count(a), count(b)});
  }
  std::set<std::string> keys;
  for (const HostIdentity* host : {&before, &after}) {
    for (const auto& [key, value] : *host) keys.insert(key);
  }
  const auto value_in = [](const HostIdentity& host, const std::string& key) {
    const auto it = host.find(key);
    return it == host.end() ? std::string("(absent)") : it->second;
  };
  for (const std::string& key : keys) {
    if (whole.contains(key.substr(0, key.find('.')))) continue;
    HostDifference difference{key, value_in(before, key), value_in(after, key)};
    if (difference.before != difference.after) out.push_back(std::move(difference));
  }
  std::sort(out.begin(), out.end(), [](const HostDifference& a, const HostDifference& b) {
    const std::size_t left = rank(a.key), right = rank(b.key);
    return left != right ? left < right : numeric_less(a.key, b.key);
  });
  return out;
}

}  // namespace ktstr
