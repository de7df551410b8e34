// SPDX-License-Identifier: Apache-2.0
#include "measure/affected_tests.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr const char* kConfiguration = "ktstr.json";

/// As the rules have paths: relative to the project, "../x" beside it.
std::string in_project(const fs::path& project, const fs::path& path) {
  return (path.is_absolute() ? path.lexically_normal().lexically_relative(project) : path.lexically_normal())
      .string();
}

/// The path as it is written, and where links lead: both are the test's.
void add_input(const fs::path& project, const std::string& input, std::vector<std::string>& files) {
  if (input.empty()) return;
  files.push_back(in_project(project, input));
  std::error_code error;
  const fs::path root = fs::canonical(project, error);
  const fs::path real = error ? fs::path() : fs::canonical(project / input, error);
  if (error) return;
  const std::string target = real.lexically_relative(root).string();
  if (target != files.back()) files.push_back(target);
}

Result<TestInputs> inputs_of(const fs::path& project, const TestEntry& test) {
  TestInputs inputs;
  inputs.name = test.name;
  inputs.manifest = in_project(project, test.manifest);
  add_input(project, test.program, inputs.files);
  if (!test.program.empty()) inputs.schedulers.push_back(test.scheduler);
  if (test.inputs.empty()) return inputs;
  const std::string what = "what the runner says " + printable(test.name) + " is made of";
  const Status read = read_document(test.inputs, what, {}, ExitCode::kPlugin, [&](const Located& told) {
    const OpenObject object(told);
    if (const auto files = object.find("files")) {
      for (const std::string& file : files->texts()) add_input(project, file, inputs.files);
    }
    if (const auto schedulers = object.find("schedulers")) {
      for (const std::string& scheduler : schedulers->texts()) inputs.schedulers.push_back(scheduler);
    }
  });
  if (!read) return read.error();
  inputs.told = true;
  return inputs;
}

/// A manifest that is gone took its tests along.
bool is_gone_manifest(const Config& config, const std::string& path) {
  std::error_code error;
  if (fs::exists(config.project_dir / path, error)) return false;
  const std::vector<std::string> patterns =
      config.tests.empty() ? std::vector<std::string>{"tests/*.json"} : config.tests;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
  });
}

/// A scheduler that no test uses was misspelt, or its tests are gone.
void tell_of_strangers(const AppContext& context, const std::vector<TestInputs>& tests) {
  std::set<std::string> known;
  for (const TestInputs& test : tests) known.insert(test.schedulers.begin(), test.schedulers.end());
  for (const auto& [scheduler, patterns] : context.config.sources) {
    if (scheduler == "*" || known.contains(scheduler)) continue;
    context.warn("\"sources\" in ktstr.json names the scheduler \"" + printable(scheduler) +
                 "\", which no test uses" + suggestion(scheduler, {known.begin(), known.end()}));
  }
}

}  // namespace

std::size_t AffectedTests::count() const {
  return static_cast<std::size_t>(std::count_if(effects.tests.begin(), effects.tests.end(),
                                                [](const Effect& effect) { return effect.affected; }));
}

std::vector<std::string> AffectedTests::schedulers() const {
  std::set<std::string> all;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (effects.tests[i].affected) all.insert(inputs[i].schedulers.begin(), inputs[i].schedulers.end());
  }
  return {all.begin(), all.end()};
}

Result<AffectedTests> affected_tests(const AppContext& context, const CommitChoice& choice,
                                     BaselinePort& baseline, const Tree& tree, std::vector<TestEntry> tests) {
  AffectedTests found;
  const fs::path& project = context.config.project_dir;
  BaselineRequest wanted{project.string(), choice.base, choice.base_ref, context.environment.ci_base_ref,
                         choice.default_branch};
  if (wanted.default_branch.empty()) wanted.default_branch = context.config.default_branch;
  auto base = baseline.resolve(wanted);
  if (!base) return base.error();
  found.base = std::move(*base);
  auto changed = baseline.changed_files(project.string(), found.base.commit, "");
  if (!changed) return changed.error();
  std::vector<TestInputs> inputs;
  for (const TestEntry& test : tests) {
    auto made_of = inputs_of(project, test);
    if (!made_of) return made_of.error();
    inputs.push_back(std::move(*made_of));
  }
  tell_of_strangers(context, inputs);
  if (*changed) {
    found.changed.emplace();
    for (const std::string& path : **changed)
      found.changed->push_back(
          fs::path(path)
              .lexically_relative(tree.subdirectory.empty() ? fs::path(".") : fs::path(tree.subdirectory))
              .string());
    std::erase_if(*found.changed,
                  [&](const std::string& path) { return is_gone_manifest(context.config, path); });
  }
  found.effects =
      effects_of(found.changed, inputs, {context.config.sources, context.config.irrelevant, kConfiguration});
  found.inputs = std::move(inputs);
  found.tests = std::move(tests);
  KTSTR_ASSERT(found.tests.size() == found.inputs.size() && found.tests.size() == found.effects.tests.size());
  return found;
}

void keep_selected(const std::vector<TestEntry>& selected, AffectedTests& affected) {
  std::set<std::string> names;
  for (const TestEntry& test : selected) names.insert(test.name);
  AffectedTests kept;
  for (std::size_t i = 0; i < affected.tests.size(); ++i) {
    if (!names.contains(affected.tests[i].name)) continue;
    kept.tests.push_back(std::move(affected.tests[i]));
    kept.inputs.push_back(std::move(affected.inputs[i]));
    kept.effects.tests.push_back(std::move(affected.effects.tests[i]));
  }
  affected.tests = std::move(kept.tests);
  affected.inputs = std::move(kept.inputs);
  affected.effects.tests = std::move(kept.effects.tests);
}

std::vector<std::string> news_of(const AffectedTests& affected) {
  if (!affected.changed)
    return {"this baseline plugin cannot tell which files changed, so every test counts as affected"};
  const std::vector<std::string>& unclaimed = affected.effects.unclaimed;
  if (unclaimed.empty()) return {};
  const std::string more =
      unclaimed.size() == 1 ? "" : " and " + counted(unclaimed.size() - 1, "other file", "other files");
  return {"every test is affected, because no test claims " + printable(unclaimed.front()) + more +
          " (name what belongs to a scheduler in \"sources\" of ktstr.json, what tests do not depend on in "
          "\"irrelevant\")"};
}

Result<std::set<std::string>> relevant_tests(const AppContext& context, const CommitChoice& choice,
                                             BaselinePort& baseline, const Tree& tree,
                                             const std::vector<TestEntry>& tests) {
  const auto affected = affected_tests(context, choice, baseline, tree, tests);
  if (!affected) return affected.error();
  std::set<std::string> names;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (affected->effects.tests[i].affected) names.insert(tests[i].name);
  }
  for (const std::string& line : news_of(*affected)) context.warn("--relevant: " + line);
  context.inform("--relevant: " + std::to_string(names.size()) + " of " +
                 counted(tests.size(), "test", "tests") + " can be touched by what changed since " +
                 printable(affected->base.label) + " (" + printable(affected->base.how_text) + ")");
  return names;
}

}  // namespace ktstr
