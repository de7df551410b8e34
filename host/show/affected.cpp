// SPDX-License-Identifier: Apache-2.0
#include "show/affected.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

std::string reason(const Effect& effect) {
  if (!effect.affected) return "nothing that changed is part of it";
  return effect.file.empty() ? effect.why : printable(effect.file) + ": " + effect.why;
}

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& text : list) out.emplace_back(printable(text));
  return out;
}

}  // namespace

std::string affected_text(const AffectedTests& affected) {
  KTSTR_ASSERT(affected.effects.tests.size() == affected.tests.size());
  std::string out =
      "since " + printable(affected.base.label) + " (" + printable(affected.base.how_text) + "): " +
      (affected.changed ? counted(affected.changed->size(), "file", "files") + " changed, " : std::string()) +
      std::to_string(affected.count()) + " of " + counted(affected.tests.size(), "test", "tests") +
      " affected\n";
  std::vector<std::vector<std::string>> table{{"TEST", "SCHEDULER", "AFFECTED", "WHY"}};
  for (std::size_t i = 0; i < affected.tests.size(); ++i) {
    const TestEntry& test = affected.tests[i];
    const Effect& effect = affected.effects.tests[i];
    table.push_back(
        {printable(test.name), printable(test.scheduler), effect.affected ? "yes" : "-", reason(effect)});
  }
  return out + text_table(table);
}

json::object affected_json(const AffectedTests& affected) {
  KTSTR_ASSERT(affected.effects.tests.size() == affected.tests.size());
  json::array tests;
  for (std::size_t i = 0; i < affected.tests.size(); ++i) {
    const TestEntry& test = affected.tests[i];
    const Effect& effect = affected.effects.tests[i];
    tests.push_back(json::object{
        {"test", test.name},
        {"topology", test.topology},
        {"scheduler", test.scheduler},
        {"affected", effect.affected},
        {"file", effect.file.empty() ? json::value(nullptr) : json::value(printable(effect.file))},
        {"why", effect.affected ? json::value(effect.why) : json::value(nullptr)}});
  }
  return document(
      "affected",
      {{"base",
        {{"commit", affected.base.commit}, {"label", affected.base.label}, {"how", affected.base.how_text}}},
       {"changed", affected.changed ? json::value(texts(*affected.changed)) : json::value(nullptr)},
       {"unclaimed", texts(affected.effects.unclaimed)},
       {"schedulers", texts(affected.schedulers())},
       {"tests", std::move(tests)}});
}

}  // namespace ktstr
