// SPDX-License-Identifier: Apache-2.0
#include "measure/selection.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "measure/variants.hpp"
#include "pool/run_care.hpp"

namespace ktstr {
namespace {

/// "wake" is "*wake*".
std::string name_glob(const std::string& name) {
  return name.find_first_of("*?") == std::string::npos ? "*" + name + "*" : name;
}

std::string names_hint(const std::vector<std::string>& names) {
  return names.size() <= 12 ? "the tests are: " + join(names, ", ")
                            : "the project has " + std::to_string(names.size()) + " tests: ktstr test --list";
}

Error nothing_selected(const TestSelection& selection, const std::vector<std::string>& names) {
  if (names.empty()) return usage_error("the manifests declare no tests", "see docs/config.md");
  if (selection.performance_only)
    return usage_error("no selected test is a performance_mode test",
                       "set \"performance_mode\": true in a test's manifest");
  return usage_error(
      "no test is selected by both the names and -E '" + printable(selection.filter.text()) + "'",
      names_hint(names));
}

bool is_unpassed(const PlannedTest& test) {
  return test.selected && test.outcome != "passed" && test.outcome != "skipped";
}

bool is_in(const TestEntry& test, const std::vector<std::string>& manifests) {
  return manifests.empty() || std::find(manifests.begin(), manifests.end(), test.manifest) != manifests.end();
}

}  // namespace

Status find_manifests(const std::filesystem::path& cwd, std::vector<std::string>& files) {
  for (std::string& file : files) {
    const std::filesystem::path path = cwd / file;
    std::error_code error;
    const std::string what = "--manifest " + printable(file) + ": ";
    if (!std::filesystem::exists(path, error)) return usage_error(what + "there is no such file");
    if (!std::filesystem::is_regular_file(path, error))
      return usage_error(what + "not a regular file", "name a file with tests");
    file = path.lexically_normal().string();
  }
  return Ok{};
}

Result<std::vector<TestEntry>> discover_tests(const AppContext& context, RunnerPort& runner,
                                              const std::filesystem::path& project_dir,
                                              const std::vector<std::string>& more) {
  auto manifests = expand_manifests(context.config.tests, project_dir);
  if (!manifests) return manifests.error();
  manifests->insert(manifests->end(), more.begin(), more.end());
  std::sort(manifests->begin(), manifests->end());
  manifests->erase(std::unique(manifests->begin(), manifests->end()), manifests->end());
  RunnerRequest request;
  request.project_dir = project_dir;
  request.manifests = std::move(*manifests);
  return runner.discover(runner_request(context, request));
}

Result<std::vector<TestEntry>> configured_tests(const AppContext& context,
                                                const std::vector<TestEntry>& tests) {
  const auto manifests = expand_manifests(context.config.tests, context.config.project_dir);
  if (!manifests) return manifests.error();
  std::vector<TestEntry> configured;
  std::copy_if(tests.begin(), tests.end(), std::back_inserter(configured), [&](const TestEntry& test) {
    return std::find(manifests->begin(), manifests->end(), test.manifest) != manifests->end();
  });
  return configured;
}

Result<std::vector<TestEntry>> select_tests(const std::vector<TestEntry>& tests,
                                            const TestSelection& selection) {
  std::vector<std::string> names;
  for (const TestEntry& test : tests) {
    names.push_back(test.test);
    if (test.name != test.test) names.push_back(test.name);
  }
  for (const std::string& wanted : selection.names) {
    const std::string glob = name_glob(wanted);
    if (std::none_of(names.begin(), names.end(),
                     [&](const std::string& name) { return glob_match(glob, name); })) {
      return usage_error("no test matches \"" + printable(wanted) + "\"" + suggestion(wanted, names),
                         names_hint(names));
    }
  }
  const auto filtered = [&](const TestEntry& test) { return selection.filter.matches(subject_of(test)); };
  if (!tests.empty() && std::none_of(tests.begin(), tests.end(), filtered)) {
    const std::vector<std::string> asked = selection.filter.names();
    return usage_error("-E '" + printable(selection.filter.text()) + "' selects no test" +
                           (asked.empty() ? std::string() : suggestion(asked.front(), names)),
                       names_hint(names));
  }
  std::vector<TestEntry> selected;
  for (const TestEntry& test : tests) {
    const bool named = selection.names.empty() ||
                       std::any_of(selection.names.begin(), selection.names.end(), [&](const std::string& n) {
                         return glob_match(name_glob(n), test.test) || n == test.name;
                       });
    if (named && filtered(test) && is_in(test, selection.manifests) &&
        (test.performance_mode || !selection.performance_only))
      selected.push_back(test);
  }
  if (selected.empty()) return nothing_selected(selection, names);
  return selected;
}

Result<Unpassed> unpassed_tests(StorePort& store, const std::string& key, const std::string& kernel) {
  auto runs = store.list_runs();
  if (!runs) return runs.error();
  std::stable_sort(runs->begin(), runs->end(), [&](const RunEntry& a, const RunEntry& b) {
    return (a.key == key) != (b.key == key) ? a.key == key : a.mtime_ns > b.mtime_ns;
  });
  std::vector<Error> damaged;
  for (const RunEntry& run : *runs) {
    const auto manifest = manifest_of_run(store, run.key, damaged);
    if (!manifest || (run.key != key && manifest->kernel != kernel)) continue;
    Unpassed unpassed{run.key, {}};
    std::copy_if(manifest->tests.begin(), manifest->tests.end(), std::back_inserter(unpassed.tests),
                 is_unpassed);
    return unpassed;
  }
  if (!damaged.empty()) return damaged.front();
  return usage_error("--failed: there is no run " + printable(key) + " and none of its kernel",
                     "run the tests once without --failed");
}

void keep_unpassed(const Unpassed& unpassed, std::vector<TestEntry>& tests) {
  std::erase_if(tests, [&](const TestEntry& test) {
    return std::none_of(unpassed.tests.begin(), unpassed.tests.end(),
                        [&](const PlannedTest& planned) { return is_planned(planned, test); });
  });
}

void keep_part(const Partition& partition, std::vector<TestEntry>& tests) {
  std::size_t place = 0;
  std::erase_if(tests, [&](const TestEntry& test) { return !partition.has(place++, test.name); });
  KTSTR_ASSERT(tests.size() <= place);  // each was asked about once
}

}  // namespace ktstr
