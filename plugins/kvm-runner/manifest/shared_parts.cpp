// SPDX-License-Identifier: Apache-2.0
#include "manifest/shared_parts.hpp"

#include <algorithm>
#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/text.hpp>

#include "manifest/keys.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;

bool is_layered(std::string_view key) { return key == "assert" || key == "sysctls"; }

/// Adds what `test` does not say itself.
void add_below(json::object& test, std::string_view key, const json::value& value) {
  json::value* own = test.if_contains(key);
  if (own == nullptr) {
    test[key] = value;
  } else if (is_layered(key) && own->is_object() && value.is_object()) {
    for (const auto& entry : value.get_object()) own->get_object().emplace(entry.key(), entry.value());
  }
}

/// "topology" and "topologies" say the same thing, and so do "scheduler" and "schedulers".
bool says(const json::object& test, std::string_view key) {
  if (key == "topology" || key == "topologies")
    return test.contains("topology") || test.contains("topologies");
  if (key == "scheduler" || key == "schedulers")
    return test.contains("scheduler") || test.contains("schedulers");
  return test.contains(key) && !is_layered(key);
}

/// The declaration of a name, without what it says of tests; that goes into `test`.
json::value declared(const std::string& name, const json::object& declaration, json::object* test) {
  json::object scheduler{{"name", name}};
  for (const auto& entry : declaration) {
    const std::string_view key(entry.key());
    const bool of_tests = std::find(keys::kOfSchedulersTests.begin(), keys::kOfSchedulersTests.end(), key) !=
                          keys::kOfSchedulersTests.end();
    if (!of_tests) {
      scheduler[key] = entry.value();
    } else if (test != nullptr && !says(*test, key)) {
      add_below(*test, key, entry.value());
    }
  }
  return scheduler;
}

/// The declaration of that name: the manifest's, else the project's. Nothing that is declared nowhere.
const json::object* find_declaration(const std::string& name, const Declarations& schedulers,
                                     std::vector<std::string>& names) {
  const json::object* found = nullptr;
  for (const Located* list : {schedulers.of_manifest, schedulers.of_project}) {
    if (list == nullptr) continue;
    for (const auto& [known, declaration] : list->members()) {
      names.push_back(known);
      if (known != name || found != nullptr) continue;
      if (!declaration.value->is_object()) wrong(declaration.place, "a scheduler", *declaration.value);
      found = &declaration.value->get_object();
    }
  }
  return found;
}

/// Puts a declaration in the place of its name.
void resolve(json::value& scheduler, const std::string& place, const Declarations& schedulers,
             json::object* test) {
  if (!scheduler.is_string() || scheduler.get_string() == "eevdf" || scheduler.get_string().starts_with("$"))
    return;
  const std::string name(scheduler.get_string());
  std::vector<std::string> names{"eevdf"};
  const json::object* declaration = find_declaration(name, schedulers, names);
  if (declaration == nullptr)
    refuse(place,
           "\"" + printable_start(name, 80) + "\" is no scheduler of this manifest or of the project" +
               sdk::did_you_mean(name, names),
           "declare it in \"schedulers\" of the manifest, or of the runner's options for all manifests");
  scheduler = declared(name, *declaration, test);
}

std::string text_or_empty(const json::object& object, std::string_view key) {
  const json::value* text = object.if_contains(key);
  return text != nullptr && text->is_string() ? std::string(text->get_string()) : std::string();
}

/// Assertions that are new since the layer before.
void note_layer(const json::object& test, const std::string& layer,
                std::map<std::string, std::string>& layers) {
  const json::value* assertions = test.if_contains("assert");
  if (assertions == nullptr || !assertions->is_object()) return;
  for (const auto& entry : assertions->get_object()) layers.try_emplace(std::string(entry.key()), layer);
}

/// Those that operations of steps name.
void resolve_operations(json::object& test, const std::string& inside, const Declarations& schedulers) {
  json::value* steps = test.if_contains("steps");
  if (steps == nullptr || !steps->is_array()) return;
  for (std::size_t s = 0; s < steps->get_array().size(); ++s) {
    json::value& step = steps->get_array()[s];
    json::value* operations = step.is_object() ? step.get_object().if_contains("ops") : nullptr;
    if (operations == nullptr || !operations->is_array()) continue;
    for (std::size_t o = 0; o < operations->get_array().size(); ++o) {
      json::value& operation = operations->get_array()[o];
      json::value* one = operation.is_object() ? operation.get_object().if_contains("scheduler") : nullptr;
      if (one != nullptr)
        resolve(*one, inside + "steps[" + std::to_string(s) + "].ops[" + std::to_string(o) + "].scheduler",
                schedulers, nullptr);
    }
  }
}

}  // namespace

WholeTest with_shared(const Located& located, bool root, const Located* defaults,
                      const Declarations& schedulers) {
  const std::string inside = located.place + (root ? ": " : ".");
  WholeTest whole{*located.value, {}};
  if (!whole.test.is_object()) return whole;
  json::object& test = whole.test.get_object();
  note_layer(test, "test", whole.layers);
  const json::value* of_all = nullptr;
  if (defaults != nullptr && defaults->value->is_object())
    of_all = defaults->value->get_object().if_contains("scheduler");
  if (of_all != nullptr && !says(test, "scheduler")) test["scheduler"] = *of_all;
  if (test.contains("scheduler")) {
    json::value one = test.at("scheduler");  // a copy: the test grows meanwhile
    resolve(one, inside + "scheduler", schedulers, &test);
    if (const json::object* declaration = one.if_object(); declaration != nullptr)
      note_layer(test, "scheduler " + text_or_empty(*declaration, "name"), whole.layers);
    test["scheduler"] = std::move(one);
  }
  if (json::value* list = test.if_contains("schedulers"); list != nullptr && list->is_array()) {
    for (json::value& one : list->get_array()) resolve(one, inside + "schedulers", schedulers, nullptr);
  }
  if (defaults != nullptr) {
    for (const auto& [key, value] : defaults->members()) {
      if (key == "name") refuse(value.place, "every test has a name of its own");
      if (!says(test, key)) add_below(test, key, *value.value);
    }
  }
  note_layer(test, "defaults", whole.layers);
  resolve_operations(test, inside, schedulers);
  return whole;
}

}  // namespace ktstr::kvm
