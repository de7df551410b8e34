// SPDX-License-Identifier: Apache-2.0
#include "show/value_list.hpp"

#include <ktstr/kit/text.hpp>

#include "show/document.hpp"

namespace ktstr {

std::string value_list_text(const ValueList& values) {
  if (values.empty()) return "(no sidecars in pool)\n";
  std::string out;
  for (const ValueList::Dimension& dimension : values.dimensions()) {
    out += (out.empty() ? "" : "\n") + std::string(dimension.name) + ":\n";
    for (const auto& value : dimension.texts) out += "  " + (value ? printable(*value) : "unknown") + "\n";
    for (const auto& value : dimension.numbers)
      out += "  " + (value ? std::to_string(*value) : "unknown") + "\n";
  }
  return out;
}

json::object value_list_json(const ValueList& values) {
  json::object out;
  for (const ValueList::Dimension& dimension : values.dimensions()) {
    json::array found;
    for (const auto& value : dimension.texts)
      found.push_back(value ? json::value(*value) : json::value(nullptr));
    for (const auto& value : dimension.numbers)
      found.push_back(value ? json::value(*value) : json::value(nullptr));
    out[dimension.name] = std::move(found);
  }
  return document("stats-list-values", {{"values", std::move(out)}});
}

}  // namespace ktstr
