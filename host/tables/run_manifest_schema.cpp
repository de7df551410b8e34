// SPDX-License-Identifier: Apache-2.0
#include "tables/run_manifest_schema.hpp"

#include "sidecar/run_manifest_field.hpp"

namespace ktstr {
namespace {

template <typename Owner>
json::object value_schema(const RunManifestField<Owner>& field) {
  json::object schema{{"type", field.is_text() ? "string" : "boolean"}};
  if (field.is_text() && field.empty != EmptyText::kRefused) schema["type"] = {"string", "null"};
  if (field.is_text() && field.empty == EmptyText::kRefused) schema["minLength"] = 1;
  if (!field.values.empty()) {
    json::array values(field.values.begin(), field.values.end());
    values.emplace_back(nullptr);
    schema["enum"] = std::move(values);
  }
  schema["description"] = field.meaning;
  return schema;
}

template <typename Owner>
void add(std::span<const RunManifestField<Owner>> fields, json::object& properties, json::array& required) {
  for (const auto& field : fields) {
    properties[field.name] = value_schema(field);
    if (field.needed()) required.emplace_back(field.name);
  }
}

json::object test_schema() {
  json::object properties;
  json::array required;
  add(planned_test_fields(), properties, required);
  return {{"type", "object"}, {"required", std::move(required)}, {"properties", std::move(properties)}};
}

}  // namespace

json::object run_manifest_schema() {
  json::object properties{
      {"schema_version",
       {{"type", "integer"},
        {"const", kRunManifestVersion},
        {"description", "version of this format; raised when a reader of the old one would go wrong"}}}};
  json::array required{"schema_version"};
  add(run_manifest_fields(), properties, required);
  properties["tests"] = {
      {"type", "array"}, {"items", test_schema()}, {"description", "every test variant of the manifests"}};
  required.emplace_back("tests");
  return {
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "ktstr run manifest"},
      {"description",
       "What an invocation of ktstr test meant to run and what became of it; see docs/runs.md. Further keys "
       "are allowed."},
      {"type", "object"},
      {"required", std::move(required)},
      {"properties", std::move(properties)}};
}

}  // namespace ktstr
