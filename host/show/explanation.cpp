// SPDX-License-Identifier: Apache-2.0
#include "show/explanation.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>

#include "show/cells.hpp"
#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

std::string class_of(const SidecarField& field) { return field.null.actionable ? "actionable" : "expected"; }

std::vector<std::string_view> causes_of(const SidecarField& field) {
  std::vector<std::string_view> causes;
  for (const std::string_view cause : field.null.causes) {
    if (!cause.empty()) causes.push_back(cause);
  }
  return causes;
}

std::string names_of(const std::vector<const SidecarField*>& fields) {
  std::vector<std::string> names;
  for (const SidecarField* field : fields) names.emplace_back(field->path);
  return names.empty() ? "<none>" : join(names, ", ");
}

std::string sidecar_text(const ExplainedSidecar& sidecar, std::size_t width) {
  std::string out = "test: " + printable(sidecar.test) + "\n";
  for (const auto& [key, value] : {std::pair{"topology", &sidecar.topology},
                                   {"scheduler", &sidecar.scheduler},
                                   {"run_id", &sidecar.run_id},
                                   {"arch", &sidecar.arch}}) {
    out += "  " + std::string(key) + ": " + (value->empty() ? "-" : printable(*value)) + "\n";
  }
  if (sidecar.uncounted) {
    out += hanging(
        "  samples: not counted, and cgroups have no names: the file is older. A latency of 0 is taken for "
        "none, and cgroups are told apart by their place; run the test again",
        width, 4);
  }
  if (!sidecar.starved.empty())
    out += hanging("  completed nothing: " + join(sidecar.starved, ", "), width, 4);
  out += hanging("  populated optional fields (" + std::to_string(sidecar.populated.size()) +
                     "): " + names_of(sidecar.populated),
                 width, 4);
  if (sidecar.none.empty()) return out + "  none fields: <all populated>\n";
  out += "  none fields (" + std::to_string(sidecar.none.size()) + "):\n";
  for (const SidecarField* field : sidecar.none) {
    out += "    " + std::string(field->path) + " [" + class_of(*field) + "]\n";
    for (const std::string_view cause : causes_of(*field))
      out += hanging("      - " + std::string(cause), width, 8);
    if (!field->null.fix.empty()) out += hanging("      fix: " + std::string(field->null.fix), width, 11);
  }
  return out;
}

std::string files_text(const std::string& title, const std::vector<UnusableFile>& files, std::size_t width) {
  if (files.empty()) return {};
  std::string out = "\n" + title + " (" + std::to_string(files.size()) + "):\n";
  for (const UnusableFile& file : files) {
    out += "  " + printable(file.path) + "\n" + hanging("    error: " + printable(file.error), width, 6);
    if (!file.hint.empty()) out += hanging("    enriched: " + printable(file.hint), width, 6);
  }
  return out;
}

}  // namespace

std::string explanation_text(const Explanation& explanation, std::size_t width) {
  std::string out = "walked " + std::to_string(explanation.walked) + " sidecar file(s), parsed " +
                    std::to_string(explanation.sidecars.size()) + " valid\n";
  for (const ExplainedSidecar& sidecar : explanation.sidecars) out += "\n" + sidecar_text(sidecar, width);
  return out + files_text("corrupt sidecars", explanation.corrupt, width) +
         files_text("io errors", explanation.unreadable, width);
}

json::object explanation_json(const Explanation& explanation) {
  json::array errors, io_errors;
  for (const UnusableFile& file : explanation.corrupt)
    errors.push_back({{"path", file.path}, {"error", file.error}, {"enriched_message", or_null(file.hint)}});
  for (const UnusableFile& file : explanation.unreadable)
    io_errors.push_back({{"path", file.path}, {"error", file.error}});
  json::object fields;
  for (const SidecarField* field : explained_fields()) {
    std::uint64_t none = 0, some = 0;
    for (const ExplainedSidecar& sidecar : explanation.sidecars) {
      none += static_cast<std::uint64_t>(std::count(sidecar.none.begin(), sidecar.none.end(), field));
      some +=
          static_cast<std::uint64_t>(std::count(sidecar.populated.begin(), sidecar.populated.end(), field));
    }
    json::array causes;
    KTSTR_ASSERT(none + some <= explanation.sidecars.size());  // in each it is one of both, or not asked for
    for (const std::string_view cause : causes_of(*field))
      causes.emplace_back(json::string(cause.data(), cause.size()));
    fields[json::string_view(field->path.data(), field->path.size())] = {{"none_count", none},
                                                                         {"some_count", some},
                                                                         {"classification", class_of(*field)},
                                                                         {"causes", std::move(causes)},
                                                                         {"fix", or_null(field->null.fix)}};
  }
  std::uint64_t uncounted = 0, starved = 0;
  for (const ExplainedSidecar& sidecar : explanation.sidecars) {
    uncounted += sidecar.uncounted ? 1 : 0;
    starved += sidecar.starved.empty() ? 0 : 1;
  }
  return document("stats-explain-sidecar",
                  {{"_schema_version", "1"},
                   {"_walk",
                    {{"walked", explanation.walked},
                     {"valid", explanation.sidecars.size()},
                     {"errors", std::move(errors)},
                     {"io_errors", std::move(io_errors)}}},
                   {"fields", std::move(fields)},
                   {"_samples", {{"not_counted", uncounted}, {"with_starved_cgroups", starved}}}});
}

}  // namespace ktstr
