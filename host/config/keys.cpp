// SPDX-License-Identifier: Apache-2.0
//
// What a configuration file may say: one row for each key, and a function where it is more than a member of
// Config.
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "config/key.hpp"
#include "config/metrics.hpp"
#include "config/plugin_choice.hpp"
#include "config/profiles.hpp"
#include "config/store_choice.hpp"

namespace ktstr {
namespace {

using Kind = ValueShape::Kind;

constexpr std::string_view kLeaveOut = "leave the key out for the default";

template <auto kField>
void apply_text(const LayeredFile& file, const Located& value) {
  file.config.*kField = value.text();
}

template <auto kField>
json::value field(const Config& config) {
  return json::value(config.*kField);
}

template <typename List>
json::array values_of(const List& list) {
  json::array values;
  for (const auto& one : list) values.push_back(to_value(one));
  return values;
}

void apply_kernel(const LayeredFile& file, const Located& value) {
  file.config.kernel = value.text();
  file.config.kernel_from_project = file.from_project();
  const std::string kernel = printable(file.config.kernel);
  if (file.from_project() && !stays_inside(file.config.kernel)) {
    refuse(value.place, "\"" + kernel + "\" " + std::string(kOutside),
           "name a kernel of the cache, or give this one by a flag: --kernel " + kernel);
  }
}

void apply_tests(const LayeredFile& file, const Located& value) { file.config.tests = value.texts(); }

json::value tests_of(const Config& config) {
  if (config.tests.empty()) return json::array{"tests/*.json"};
  return json::array(config.tests.begin(), config.tests.end());
}

void apply_sources(const LayeredFile& file, const Located& value) {
  file.config.sources.clear();
  for (const auto& [scheduler, patterns] : value.members())
    file.config.sources.emplace_back(scheduler, patterns.texts());
}

json::value sources_of(const Config& config) {
  json::object by_name;
  for (const auto& [scheduler, patterns] : config.sources)
    by_name[scheduler] = json::array(patterns.begin(), patterns.end());
  return by_name;
}

void apply_irrelevant(const LayeredFile& file, const Located& value) {
  file.config.irrelevant = value.texts();
}

json::value irrelevant_of(const Config& config) {
  return json::array(config.irrelevant.begin(), config.irrelevant.end());
}

void apply_strict(const LayeredFile& file, const Located& value) { file.config.strict = value.boolean(); }

void apply_least_sight(const LayeredFile& file, const Located& value) {
  file.config.least_sight = value.number();
}

template <PluginChoice Config::*kField>
void apply_plugin(const LayeredFile& file, const Located& value) {
  file.config.*kField = plugin_choice(value);
  if ((file.config.*kField).isolate) {
    refuse(value.place + ".isolate", "a plugin of this kind cannot run in a process of its own",
           "leave it out; gates and reporters can");
  }
  (file.config.*kField).from_project = file.from_project();
}

void apply_store(const LayeredFile& file, const Located& value) {
  apply_plugin<&Config::store>(file, value);
  if (!value.value->is_string()) return;
  file.config.store = store_of_url(value.text());
  file.config.store.from_project = file.from_project();
}

template <PluginChoice Config::*kField>
json::value plugin(const Config& config) {
  return to_value(config.*kField);
}

template <std::vector<PluginChoice> Config::*kField>
void apply_plugins(const LayeredFile& file, const Located& value) {
  std::vector<PluginChoice> list;
  for (const Located& item : value.items()) {
    list.push_back(plugin_choice(item));
    list.back().from_project = file.from_project();
  }
  file.config.*kField = std::move(list);
}

template <auto kField>
json::value plugins(const Config& config) {
  return values_of(config.*kField);
}

/// Report files of a project: inside of it as they are written. Links are followed when the report is opened.
void apply_reporters(const LayeredFile& file, const Located& value) {
  std::vector<ReporterChoice> list;
  for (const Located& item : value.items()) {
    ReporterChoice& reporter = list.emplace_back(reporter_choice(item));
    reporter.from_project = file.from_project();
    if (!file.from_project() || stays_inside(reporter.out)) continue;
    refuse(item.place + ".out", "\"" + printable(reporter.out) + "\" " + std::string(kOutside),
           "write elsewhere with a flag: --reporter " + printable(reporter.use) + "::out=FILE");
  }
  file.config.reporters = std::move(list);
}

void apply_metrics(const LayeredFile& file, const Located& value) {
  add_metrics(value, "the project", file.config.metrics);
}

json::value names_of_metrics(const Config& config) {
  json::array names;
  for (const Metric& metric : config.metrics.contributed()) names.emplace_back(metric.name);
  return names;
}

template <auto kField>
void add_texts(const LayeredFile& file, const Located& value) {
  for (const std::string& text : value.texts()) (file.config.*kField).emplace_back(text);
}

json::value plugin_dirs_of(const Config& config) {
  json::array directories;
  for (const auto& directory : config.plugin_dirs) directories.emplace_back(directory.string());
  return directories;
}

constexpr std::string_view kSha256 = "sha256:";

void apply_trust(const LayeredFile& file, const Located& value) {
  for (const std::string& entry : value.texts()) {
    KTSTR_ASSERT(entry.size() == kSha256.size() + 64);  // its shape was insisted on
    file.config.trusted_sha256.push_back(entry.substr(kSha256.size()));
  }
}

json::value trust_of(const Config& config) {
  json::array trust;
  for (const std::string& hash : config.trusted_sha256) trust.emplace_back(std::string(kSha256) + hash);
  return trust;
}

json::value safe_directories_of(const Config& config) {
  return json::array(config.safe_directories.begin(), config.safe_directories.end());
}

json::value cache_dir_of(const Config& config) { return json::value(config.cache_dir.string()); }

bool is_sha256(std::string_view text) {
  return text.starts_with(kSha256) && text.size() == kSha256.size() + 64 &&
         text.find_first_not_of("0123456789abcdef", kSha256.size()) == std::string_view::npos;
}

constexpr TextForm kHash = {"^sha256:[0-9a-f]{64}$", is_sha256, "is not sha256:HEX",
                            "64 lower-case hex digits, as sha256sum prints them"};
constexpr TextForm kPlaces = {
    R"(^(/|\*$))", [](std::string_view text) { return text == "*" || text.starts_with('/'); },
    "is neither an absolute path nor *", "a path that ends in /* stands for all below it"};

constexpr TextForm kSchedulerName = {".", [](std::string_view text) { return !text.empty(); }, "is no name"};
constexpr TextForm kPattern = {"^[^/]", [](std::string_view text) { return !text.empty() && text[0] != '/'; },
                               "is not relative to the project"};

constexpr ValueShape kPlugin = {.kind = Kind::kObject, .object = &kPluginShape};
constexpr ValueShape kPlugins = {
    .kind = Kind::kObject, .list = true, .filled = true, .object = &kPluginShape};

constexpr ConfigKey kKeys[] = {
    {Sayer::kAnybody,
     {"$schema",
      {},
      "the schema, for editors; ktstr does not read it",
      R"("/usr/share/ktstr/schema/ktstr.schema.json")"},
     nullptr,
     nullptr},
    {Sayer::kProjectOnly,
     {"project", {}, "the project's name for people; without it the name of its directory", R"("scx_mine")"},
     apply_text<&Config::project>,
     field<&Config::project>},
    {Sayer::kProjectOnly,
     {"build",
      {},
      "shell command that builds the project, run in its directory before tests",
      R"("make -s")"},
     apply_text<&Config::build>,
     field<&Config::build>},
    {Sayer::kProjectOnly,
     {"tests",
      {.list = true, .filled = true, .form = &kInsidePath},
      "test manifests, relative to the project; `*` and `?` in the names of files",
      R"(["ktstr/*.json"])"},
     apply_tests,
     tests_of},
    {Sayer::kProjectOnly,
     {"sources",
      {.list = true, .by_name = &kSchedulerName, .form = &kPattern},
      "what each scheduler is built of, for `ktstr affected` and `test --relevant`; `*` instead of a name: "
      "every scheduler. A name of files (`*.bpf.c`), a path, or a directory with its slash",
      R"({"mine": ["mine.*", "lib/"], "*": ["Makefile"]})"},
     apply_sources,
     sources_of},
    {Sayer::kProjectOnly,
     {"irrelevant",
      {.list = true, .form = &kPattern},
      "files that no test depends on, in the same patterns",
      R"(["*.md", "docs/", "tools/"])"},
     apply_irrelevant,
     irrelevant_of},
    {Sayer::kAnybody,
     {"kernel",
      {.filled = true},
      "default of `--kernel`: a kernel of the cache, or an image or build tree, of a project inside of it",
      R"("6.18")"},
     apply_kernel,
     field<&Config::kernel>},
    {Sayer::kAnybody,
     {"default_branch",
      {.filled = true},
      "branch whose merge base with HEAD `perf-delta` compares with when nothing else is said",
      R"("trunk")"},
     apply_text<&Config::default_branch>,
     field<&Config::default_branch>},
    {Sayer::kAnybody,
     {"strict",
      {.kind = Kind::kFlag},
      "as `--strict`: `test` and `perf-delta` end with 5 instead of 0 when anything was missing, skipped or "
      "warned about",
      "true"},
     apply_strict,
     field<&Config::strict>},
    {Sayer::kAnybody,
     {"store", kPlugin,
      "where sidecars are kept: a plugin, or a URL (`\"s3://bucket/prefix\"`, [stores.md](stores.md)); "
      "`--store` and `KTSTR_STORE` win",
      R"({"use": "fs", "options": {"history": {"keep": 20}}})"},
     apply_store,
     plugin<&Config::store>},
    {Sayer::kAnybody,
     {"runner", kPlugin, "what finds and runs tests", R"({"use": "kvm", "options": {"cold": true}})"},
     apply_plugin<&Config::runner>,
     plugin<&Config::runner>},
    {Sayer::kAnybody,
     {"baseline", kPlugin, "what knows commits and checks them out", R"("git")"},
     apply_plugin<&Config::baseline>,
     plugin<&Config::baseline>},
    {Sayer::kAnybody,
     {"gates", kPlugins, "judge repeated runs; a finding needs all of them", R"(["welch", "threshold"])"},
     apply_plugins<&Config::gates>,
     plugins<&Config::gates>},
    {Sayer::kAnybody,
     {"cached_gates", kPlugins, "judge stored sidecars; a finding needs all of them", R"(["threshold"])"},
     apply_plugins<&Config::cached_gates>,
     plugins<&Config::cached_gates>},
    {Sayer::kAnybody,
     {"least_sight",
      {.kind = Kind::kNumber, .lowest = 0, .highest = 100},
      "percent of the gating metrics that must have been able to show a change of their own gate's size; "
      "fewer are no pass",
      "62.5"},
     apply_least_sight,
     field<&Config::least_sight>},
    {Sayer::kAnybody,
     {"reporters",
      {.kind = Kind::kObject, .list = true, .filled = true, .object = &kReporterShape},
      "who tells what happened, and where",
      R"(["terminal", {"use": "json", "out": "report.json"}])"},
     apply_reporters,
     plugins<&Config::reporters>},
    {Sayer::kAnybody,
     {"metrics",
      {.kind = Kind::kObject, .list = true, .object = &kMetricShape},
      "metrics that tests report beyond the built-in ones ([metrics.md](metrics.md#metrics-of-your-own))",
      R"([{"name": "rps", "polarity": "higher", "unit": "req/s", "rel": 0.05}])"},
     apply_metrics,
     names_of_metrics},
    {Sayer::kAnybody,
     {"profiles",
      {.kind = Kind::kObject, .by_name = &kProfileName, .object = &kProfileShape},
      "defaults for one place where tests run, chosen by `--profile` or `KTSTR_PROFILE` "
      "([profiles.md](profiles.md))",
      R"({"ci": {"strict": true, "retries": 2}})"},
     note_profiles,
     names_of_profiles},
    {Sayer::kNoProject,
     {"plugin_dirs",
      {.list = true, .form = &kAbsolutePath},
      "folders with plugins, searched after `--plugin-dir` and before `KTSTR_PLUGIN_PATH`; lists of several "
      "files add up",
      R"(["/opt/ktstr-plugins"])"},
     add_texts<&Config::plugin_dirs>,
     plugin_dirs_of},
    {Sayer::kNoProject,
     {"trust",
      {.list = true, .form = &kHash},
      "hashes of plugins that may be loaded though others could have written them; lists add up",
      R"(["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])"},
     apply_trust,
     trust_of},
    {Sayer::kNoProject,
     {"safe_directories",
      {.list = true, .form = &kPlaces},
      "projects of other users that may be used all the same: a path, PATH/* for all below it, or *; lists "
      "add up, and so do those of `KTSTR_SAFE_DIRECTORIES`, separated by colons",
      R"(["/srv/projects/*"])"},
     add_texts<&Config::safe_directories>,
     safe_directories_of},
    {Sayer::kNoProject,
     {"cache_dir",
      {.form = &kAbsolutePath},
      "kernels, booted machines and built trees; without it `$XDG_CACHE_HOME/ktstr`, else `~/.cache/ktstr`; "
      "`KTSTR_CACHE_DIR` wins",
      R"("/var/cache/ktstr")"},
     apply_text<&Config::cache_dir>,
     cache_dir_of},
};

void insist_that_it_may(const ConfigKey& key, const Located& value, const LayeredFile& file) {
  if (key.sayer == Sayer::kNoProject && file.from_project()) {
    refuse(value.place,
           "a project may not set this, because cloning a repository must not decide what code runs",
           "put it into the user's configuration (~/.config/ktstr/config.json)");
  }
  if (key.sayer == Sayer::kProjectOnly && !file.from_project())
    refuse(value.place, "only a project's ktstr.json may set this");
}

}  // namespace

std::string layer_name(ConfigLayer layer) {
  return layer == ConfigLayer::kSystem ? "system" : layer == ConfigLayer::kUser ? "user" : "project";
}

std::span<const ConfigKey> config_keys() { return kKeys; }

Status apply_config_text(std::string_view text, const std::string& file, ConfigLayer layer, Config& config) {
  return read_document(text, file, kit::for_people(), ExitCode::kUsage, [&](const Located& top) {
    std::vector<std::string_view> names;
    for (const ConfigKey& key : kKeys) names.push_back(key.name());
    const StrictObject object(top, names, true);
    const LayeredFile layered{layer, config};
    for (const ConfigKey& key : kKeys) {
      if (const Located* value = object.find(key.name())) insist_that_it_may(key, *value, layered);
    }
    for (const ConfigKey& key : kKeys) {
      const Located* value = object.find(key.name());
      if (value == nullptr) continue;
      insist_on_shape(key.member.shape, *value, kLeaveOut);
      if (key.apply == nullptr) continue;
      key.apply(layered, *value);
      config.origins[std::string(key.name())] = layer_name(layer) + " " + file;
    }
  });
}

}  // namespace ktstr
