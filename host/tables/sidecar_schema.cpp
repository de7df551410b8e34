// SPDX-License-Identifier: Apache-2.0
#include "tables/sidecar_schema.hpp"

#include <ktstr/kit/text.hpp>
#include <vector>

#include "sidecar/field.hpp"

namespace ktstr {
namespace {

json::string owned(std::string_view text) { return json::string(text.data(), text.size()); }

/// A field of the schema, whichever table its row is in.
struct Entry {
  std::string path;
  SidecarField row;
};

std::string parent_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string() : std::string(path.substr(0, dot));
}

std::string key_of(std::string_view path) {
  return std::string(path.substr(path.rfind('.') == std::string_view::npos ? 0 : path.rfind('.') + 1));
}

Entry entry_of(const Metric& metric, std::string path, std::string_view meaning) {
  Entry entry{std::move(path), {{}, metric.is_whole() ? FieldKind::kWhole : FieldKind::kNumber, meaning}};
  entry.row.unit = metric.unit;
  entry.row.always = !entry.path.starts_with("monitor.");
  return entry;
}

/// Fields of metrics stand behind the others of their object.
std::vector<Entry> entries() {
  std::vector<Entry> metrics, out;
  for (const Metric& metric : builtin_metrics()) {
    if (!metric.path.empty())
      metrics.push_back(entry_of(metric, std::string(metric.path), metric.description));
    const std::string_view key = metric.cgroup.key;
    if (!key.empty() && key.find_first_of(". ") == std::string_view::npos)
      metrics.push_back(entry_of(metric, "stats.cgroups[]." + std::string(key), metric.cgroup.description));
  }
  for (const SidecarField& field : sidecar_fields()) out.push_back({std::string(field.path), field});
  for (Entry& metric : metrics) {
    const std::string parent = parent_of(metric.path);
    bool known = false;
    auto place = out.end();
    for (auto it = out.begin(); it != out.end(); ++it) {
      known = known || it->path == metric.path;
      if (it->path == parent || it->path.starts_with(parent + ".") || it->path == parent + "[]")
        place = it + 1;
    }
    if (!known) out.insert(place, std::move(metric));
  }
  return out;
}

std::string_view type_of(FieldKind kind) {
  switch (kind) {
    case FieldKind::kText: return "string";
    case FieldKind::kFlag: return "boolean";
    case FieldKind::kVersion:
    case FieldKind::kWhole: return "integer";
    case FieldKind::kNumber: return "number";
    default: return "object";
  }
}

/// "array of objects", "string or integer"
std::string type_in_words(const SidecarField& row) {
  if (row.kind == FieldKind::kTextOrWhole) return "string or integer";
  if (!row.list) return std::string(type_of(row.kind));
  return row.kind == FieldKind::kAnything ? "array" : "array of " + std::string(type_of(row.kind)) + "s";
}

json::object fields_of(const std::vector<Entry>& all, const std::string& parent, json::array& required);

/// What a value of this kind is, be it the field's own or an element of its list.
json::object value_schema(const std::vector<Entry>& all, const Entry& entry) {
  const SidecarField& row = entry.row;
  json::object out;
  if (row.kind == FieldKind::kAnything) return out;
  json::array types{owned(type_of(row.kind))};
  if (row.kind == FieldKind::kTextOrWhole) types = {"string", "integer"};
  if (row.nullable && !row.list) types.emplace_back("null");
  out["type"] = types.size() == 1 ? types[0] : json::value(types);
  if (row.kind == FieldKind::kVersion) out["const"] = 1;
  if (row.not_empty) out["minLength"] = 1;
  if (!row.pattern.empty()) out["pattern"] = owned(row.pattern);
  const bool counts = row.kind == FieldKind::kWhole || row.kind == FieldKind::kNumber;
  if (counts && !row.any_sign) out["minimum"] = 0;
  json::array values;
  for (const std::string_view value : row.values) {
    if (!value.empty()) values.emplace_back(owned(value));
  }
  if (!values.empty()) out["enum"] = std::move(values);
  const char* inner = row.kind == FieldKind::kTexts     ? "string"
                      : row.kind == FieldKind::kWholes  ? "integer"
                      : row.kind == FieldKind::kNumbers ? "number"
                                                        : nullptr;
  if (inner != nullptr) out["additionalProperties"] = {{"type", inner}};
  json::array required;
  json::object fields = fields_of(all, entry.path + (row.list ? "[]" : ""), required);
  if (!required.empty()) out["required"] = std::move(required);
  if (!fields.empty()) out["properties"] = std::move(fields);
  return out;
}

json::object field_schema(const std::vector<Entry>& all, const Entry& entry) {
  const SidecarField& row = entry.row;
  json::object out;
  if (row.list) out["type"] = row.nullable ? json::value{"array", "null"} : json::value("array");
  json::object value = value_schema(all, entry);
  if (row.list) {
    out["items"] = std::move(value);
  } else {
    out = std::move(value);
  }
  out["description"] = owned(row.meaning);
  if (!row.unit.empty()) out["unit"] = owned(row.unit);
  return out;
}

/// What the reader insists on and what the host fills in by itself; a stranger's runner may leave out the
/// rest.
bool cannot_lack(const SidecarField& row) { return row.needed || (row.always && row.source.index() != 0); }

json::object fields_of(const std::vector<Entry>& all, const std::string& parent, json::array& required) {
  json::object out;
  for (const Entry& entry : all) {
    if (parent_of(entry.path) != parent) continue;
    const std::string key = key_of(entry.path);
    out[key] = field_schema(all, entry);
    if (cannot_lack(entry.row)) required.emplace_back(key);
  }
  return out;
}

}  // namespace

json::object sidecar_schema() {
  json::array required;
  json::object fields = fields_of(entries(), {}, required);
  return {
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "ktstr sidecar"},
      {"description", "What ktstr stores of one test run; see docs/sidecar.md. Further keys are allowed."},
      {"type", "object"},
      {"required", std::move(required)},
      {"properties", std::move(fields)}};
}

std::string sidecar_field_table() {
  std::string out = "| field | type | null | unit | meaning |\n|---|---|---|---|---|\n";
  for (const Entry& entry : entries()) {
    out += "| `" + entry.path + "` | " + type_in_words(entry.row) + " | " +
           (entry.row.nullable ? "yes" : "") + " | " + std::string(entry.row.unit) + " | " +
           std::string(entry.row.meaning) + " |\n";
  }
  return out;
}

}  // namespace ktstr
