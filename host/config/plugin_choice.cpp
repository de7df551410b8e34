// SPDX-License-Identifier: Apache-2.0
#include "config/plugin_choice.hpp"

#include <ktstr/kit/assert.hpp>

namespace ktstr {
namespace {

using Kind = ValueShape::Kind;

constexpr ConfigMember kUse = {
    "use", {.filled = true}, "the plugin's name, or ID/NAME where several offer the name", R"("fdr")", true};
constexpr ConfigMember kOptions = {
    "options",
    {.kind = Kind::kOptions},
    "what the plugin is told; `ktstr plugin info` prints the schema of its options",
    R"({"q": 0.1})"};

json::value no() { return false; }

constexpr ConfigMember kIsolate = {
    "isolate",
    {.kind = Kind::kFlag},
    "runs in a process of its own, so that its crash, exit and hang stay there "
    "([security.md](security.md#plugins-that-run-isolated)); gates and reporters only",
    "true",
    false,
    no};

constexpr ConfigMember kPluginMembers[] = {kUse, kOptions, kIsolate};
constexpr ConfigMember kReporterMembers[] = {
    kUse,
    {"out",
     {},
     "file that it writes, or - for stdout, as without the key; of a project: inside of it",
     R"("report.json")"},
    kOptions,
    kIsolate};

template <typename Choice>
Choice choice_of(const Located& value) {
  Choice choice;
  if (value.value->is_string()) {
    choice.use = value.text();
    return choice;
  }
  const OpenObject object(value);
  choice.use = object.get("use").text();
  if (const Located* options = object.find("options")) choice.options_json = to_text(*options->value, 0);
  if constexpr (requires { choice.out; }) choice.out = object.text("out");
  if (const Located* isolate = object.find("isolate")) choice.isolate = isolate->boolean();
  return choice;
}

template <typename Choice>
json::object object_of(const Choice& choice) {
  json::object object{{"use", choice.use}};
  const auto parsed = parse_json(choice.options_json, "options");
  KTSTR_ASSERT(parsed && parsed->is_object());
  if (!parsed->get_object().empty()) object["options"] = *parsed;
  if (choice.isolate) object["isolate"] = true;
  return object;
}

json::value shortest(json::object object) {
  return object.size() == 1 ? object.at("use") : json::value(std::move(object));
}

}  // namespace

const ObjectShape kPluginShape = {"plugin", kPluginMembers, "a plugin's name"};
const ObjectShape kReporterShape = {"reporter", kReporterMembers, "a plugin's name"};

PluginChoice plugin_choice(const Located& value) { return choice_of<PluginChoice>(value); }
ReporterChoice reporter_choice(const Located& value) { return choice_of<ReporterChoice>(value); }

json::value to_value(const PluginChoice& choice) { return shortest(object_of(choice)); }

json::value to_value(const ReporterChoice& choice) {
  json::object object = object_of(choice);
  if (!choice.out.empty()) object["out"] = choice.out;
  return shortest(std::move(object));
}

}  // namespace ktstr
