// SPDX-License-Identifier: Apache-2.0
#include "show/doctor.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>

#include "show/cells.hpp"
#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

const char* name_of(CheckState state) {
  return state == CheckState::kOk ? "ok" : state == CheckState::kWarn ? "warn" : "fail";
}

std::string word_of(CheckState state, bool colour) {
  const std::string word = state == CheckState::kFail ? "FAIL" : name_of(state);
  KTSTR_ASSERT(word.size() < 6);
  const std::string filled = word + std::string(6 - word.size(), ' ');
  if (!colour) return filled;
  const char* code = state == CheckState::kOk ? "32" : state == CheckState::kWarn ? "33" : "1;31";
  return "\033[" + std::string(code) + "m" + filled + "\033[0m";
}

}  // namespace

CheckState state_of(const Checks& checks) {
  CheckState worst = CheckState::kOk;
  for (const Check& check : checks) worst = std::max(worst, check.state);
  return worst;
}

std::string doctor_text(const Checks& checks, bool colour, std::size_t width) {
  std::size_t names = 0, counts[3] = {};
  for (const Check& check : checks) names = std::max(names, display_width(printable(check.name)));
  const std::size_t indent = 2 + 6 + names + 2, room = width > indent + 20 ? width : 0;
  std::string out, subject;
  for (const Check& check : checks) {
    ++counts[static_cast<std::size_t>(check.state)];
    if (check.subject != subject) out += printable(check.subject) + "\n";
    subject = check.subject;
    const std::string name = printable(check.name);
    KTSTR_ASSERT(display_width(name) <= names);
    out += "  " + word_of(check.state, colour) + name + std::string(names - display_width(name) + 2, ' ') +
           hanging(printable(check.found), room == 0 ? 0 : room - indent, indent);
    if (check.fix.empty() || check.state == CheckState::kOk) continue;
    out += std::string(indent, ' ') +
           hanging("fix: " + printable(check.fix), room == 0 ? 0 : room - indent, indent);
  }
  return out + counted(counts[0], "check is fine", "checks are fine") + ", " +
         counted(counts[1], "warning", "warnings") + ", " + counted(counts[2], "failure", "failures") + "\n";
}

json::object doctor_json(const Checks& checks) {
  json::array rows;
  for (const Check& check : checks) {
    rows.push_back({{"subject", check.subject},
                    {"name", check.name},
                    {"state", name_of(check.state)},
                    {"found", check.found},
                    {"fix", or_null(check.fix)}});
  }
  return document("doctor", {{"state", name_of(state_of(checks))}, {"checks", std::move(rows)}});
}

}  // namespace ktstr
