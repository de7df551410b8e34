// SPDX-License-Identifier: Apache-2.0
#include "explore/subject.hpp"

#include <ktstr/kit/text.hpp>
#include <set>

namespace ktstr {
namespace {

constexpr std::uint64_t kMostManifestBytes = 16ULL << 20;

/// What the test, its scheduler or its file demands already.
std::set<std::string> demanded(const TestEntry& entry) {
  std::set<std::string> names;
  if (entry.demands.empty()) return names;
  const auto read = read_document(entry.demands, "demands", {}, ExitCode::kPlugin, [](const Located& list) {
    std::set<std::string> found;
    for (const Located& demand : list.items()) found.insert(OpenObject(demand).text("name"));
    return found;
  });
  return read ? *read : names;
}

}  // namespace

Trial Subject::trial(json::object changed, const std::string& tag) const {
  if (json::value* name = changed.if_contains("name"); name != nullptr && name->is_string())
    *name = std::string(name->get_string()) + "-" + tag;
  Trial trial{{}, entry.test + "-" + tag, entry.topology, entry.scheduler};
  if (list.empty()) {
    trial.manifest = std::move(changed);
  } else {
    trial.manifest = around;
    trial.manifest[list] = json::array{std::move(changed)};
  }
  return trial;
}

Result<Subject> subject_of(Trials& trials, const TestEntry& entry, const Bounds& bounds) {
  const auto text = read_file(entry.manifest, kMostManifestBytes);
  if (!text) return text.error();
  auto read = parse_json(*text, printable(entry.manifest), kit::for_people());
  if (!read) return read.error();
  const Error no_manifest =
      usage_error(printable(entry.name) + " cannot be varied: its manifest " + printable(entry.manifest) +
                      " is no test that the runner knows alone",
                  "put it into a file of its own");
  if (!read->is_object()) return no_manifest;
  Subject subject{entry, std::move(read->get_object()), bounds.list, {}, bounds};
  const std::set<std::string> own = demanded(entry);
  std::erase_if(subject.bounds.invariants, [&](const Invariant& one) {
    return !one.member.empty() && !one.own_too && own.contains(one.member.back());
  });
  const json::value* tests = bounds.list.empty() ? nullptr : subject.around.if_contains(bounds.list);
  json::array candidates;
  if (tests != nullptr && tests->is_array()) {
    candidates = tests->get_array();
  } else {
    subject.list.clear();
    candidates = {json::value(subject.around)};
  }
  std::string why;
  for (const json::value& candidate : candidates) {
    if (!candidate.is_object()) continue;
    const auto found = trials.look(subject.trial(candidate.get_object(), "s0"), why);
    if (!found) return found.error();
    if (!*found) continue;
    subject.test = candidate.get_object();
    return subject;
  }
  return no_manifest;
}

}  // namespace ktstr
