// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "config/key.hpp"
#include "framework/temp_tree.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TempTree;

/// The message for one text of a project, or empty.
std::string problem(std::string_view text, ConfigLayer layer = ConfigLayer::kProject) {
  Config config;
  const Status status = apply_config_text(text, "ktstr.json", layer, config);
  if (status) return {};
  EXPECT_EQ(status.error().code, ExitCode::kUsage) << text;
  EXPECT_EQ(status.error().message.find('\n'), std::string::npos);
  return status.error().message;
}

std::vector<std::string> uses(const std::vector<PluginChoice>& choices) {
  std::vector<std::string> out;
  for (const PluginChoice& choice : choices) out.push_back(choice.use);
  return out;
}

TEST(ConfigText, SetsEverythingAProjectMaySay) {
  Config config;
  const Status status = apply_config_text(R"({
    "$schema": "x", // why not
    "project": "p", "build": "make", "tests": ["tests/*.json", "a..b.json"], "kernel": "6.18", "default_branch": "trunk",
    "sources": {"mine": ["mine.*"], "*": ["Makefile"]}, "irrelevant": [],
    "store": "other", "runner": {"use": "fake", "options": {"ready": false, "n": 1.0}}, "baseline": {"use": "git"},
    "gates": ["median", {"use": "fdr", "options": {"q": 0.1}}], "cached_gates": ["threshold"],
    "reporters": ["terminal", {"use": "json", "out": "a.json", "options": {}}],
  })",
                                          "/p/ktstr.json", ConfigLayer::kProject, config);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(config.project, "p");
  EXPECT_EQ(config.build, "make");
  EXPECT_THAT(config.tests, ElementsAre("tests/*.json", "a..b.json"));
  EXPECT_EQ(config.kernel, "6.18");
  EXPECT_EQ(config.default_branch, "trunk");
  ASSERT_EQ(config.sources.size(), 2U);
  EXPECT_EQ(config.sources[0].first, "mine");
  EXPECT_THAT(config.sources[0].second, ElementsAre("mine.*"));
  EXPECT_TRUE(config.irrelevant.empty());
  EXPECT_EQ(config.store.use, "other");
  EXPECT_EQ(config.runner.options_json, R"({"ready":false,"n":1.0})");
  EXPECT_EQ(config.baseline.options_json, "{}");
  EXPECT_THAT(uses(config.gates), ElementsAre("median", "fdr"));
  EXPECT_EQ(config.gates[1].options_json, R"({"q":0.1})");
  EXPECT_EQ(config.reporters[1].use, "json");
  EXPECT_EQ(config.reporters[1].out, "a.json");
  EXPECT_EQ(config.origins.at("gates"), "project /p/ktstr.json");
  EXPECT_EQ(config.origins.count("$schema"), 0U);
}

TEST(ConfigText, KeepsDefaultsThatNobodySets) {
  Config config;
  ASSERT_TRUE(apply_config_text("{}", "f", ConfigLayer::kProject, config));
  EXPECT_EQ(config.default_branch, "main");
  EXPECT_EQ(config.store.use, "fs");
  EXPECT_EQ(config.runner.use, "kvm");
  EXPECT_THAT(uses(config.gates), ElementsAre("fdr"));
  EXPECT_THAT(uses(config.cached_gates), ElementsAre("threshold"));
  EXPECT_TRUE(config.origins.empty());
}

TEST(ConfigText, ALaterFileReplacesLists) {
  Config config;
  ASSERT_TRUE(apply_config_text(R"({"gates": ["a", "b"], "kernel": "1"})", "u", ConfigLayer::kUser, config));
  ASSERT_TRUE(apply_config_text(R"({"gates": ["c"]})", "p", ConfigLayer::kProject, config));
  EXPECT_THAT(uses(config.gates), ElementsAre("c"));
  EXPECT_EQ(config.kernel, "1");
  EXPECT_EQ(config.origins.at("gates"), "project p");
  EXPECT_EQ(config.origins.at("kernel"), "user u");
}

TEST(ConfigText, AddsMetrics) {
  Config config;
  const Status status = apply_config_text(R"({"metrics": [
    {"name": "rps", "polarity": "higher", "unit": "req/s", "abs": 10, "rel": 0.05, "ext_metric": "server.rps", "description": "requests"},
    {"name": "boot_ms", "polarity": "informational", "class": "extreme", "path": "timing.ready_ms"}]})",
                                          "ktstr.json", ConfigLayer::kProject, config);
  ASSERT_TRUE(status) << status.error().message;
  const Metric* rps = config.metrics.find("rps");
  ASSERT_NE(rps, nullptr);
  EXPECT_EQ(rps->polarity, KTSTR_HIGHER_IS_BETTER);
  EXPECT_EQ(rps->metric_class, KTSTR_CLASS_RATIO);
  EXPECT_EQ(rps->unit, "req/s");
  EXPECT_EQ(rps->abs_gate, 10);
  EXPECT_EQ(rps->rel_gate, 0.05);
  EXPECT_EQ(rps->path, "stats.ext_metrics.server.rps");
  EXPECT_EQ(rps->description, "requests");
  const Metric* boot = config.metrics.find("boot_ms");
  ASSERT_NE(boot, nullptr);
  EXPECT_EQ(boot->polarity, KTSTR_INFORMATIONAL);
  EXPECT_EQ(boot->metric_class, KTSTR_CLASS_EXTREME);
  EXPECT_EQ(boot->abs_gate, 0);
  EXPECT_EQ(boot->rel_gate, 0.1);
  EXPECT_EQ(config.origins.at("metrics"), "project ktstr.json");
}

TEST(ConfigText, NamesEveryMistake) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"({"metrics": {}})", "ktstr.json: metrics: expected an array, found an object"},
      {R"({"metrics": [{"name": "a b", "polarity": "lower"}]})",
       "ktstr.json: metrics[0].name: \"a b\" is no name for a metric"},
      {R"({"metrics": [{"name": "a"}]})",
       "ktstr.json: metrics[0]: \"polarity\" is missing: which way is better"},
      {R"({"metrics": [{"name": "a", "polarity": "highr"}]})",
       "ktstr.json: metrics[0].polarity: unknown polarity \"highr\" (did you mean \"higher\"?)"},
      {R"({"metrics": [{"name": "a", "polarity": "lower", "abs": -1}]})",
       "ktstr.json: metrics[0].abs: expected a number of 0 or more, found -1"},
      {R"({"metrics": [{"name": "a", "polarity": "lower", "rel": "5%"}]})",
       "ktstr.json: metrics[0].rel: expected a number, found \"5%\""},
      {R"({"metrics": [{"name": "a", "polarity": "lower", "path": "stats..x"}]})",
       "ktstr.json: metrics[0].path: \"stats..x\" is no place in a sidecar"},
      {R"({"metrics": [{"name": "a", "polarity": "lower", "path": "x", "ext_metric": "y"}]})",
       "ktstr.json: metrics[0].path: \"path\" and \"ext_metric\" exclude each other"},
      {R"({"metrics": [{"name": "worst_gap_ms", "polarity": "lower"}]})",
       "ktstr.json: metrics[0]: there is a metric \"worst_gap_ms\" already: "},
      {R"({"metrics": [{"name": "a", "polarity": "lower"}, {"name": "a", "polarity": "lower"}]})",
       "ktstr.json: metrics[1]: there is a metric \"a\" already: "},
      {"{", "ktstr.json: line 1, column 2: "},
      {"[]", "ktstr.json: expected an object, found an array of 0"},
      {R"({"gatez": []})", "ktstr.json: unknown key \"gatez\" (did you mean \"gates\"?)"},
      {R"({"build": "a", "build": "b"})",
       "ktstr.json: line 1, column 22: the key \"build\" stands twice in one object"},
      {R"({"build": 3})", "ktstr.json: build: expected a string, found 3"},
      {R"({"default_branch": ""})", "ktstr.json: default_branch: the name is empty"},
      {R"({"tests": "a"})", "ktstr.json: tests: expected an array of strings, found \"a\""},
      {R"({"tests": ["a", null]})", "ktstr.json: tests[1]: expected a string, found null"},
      {R"({"tests": ["../a"]})", "ktstr.json: tests[0]: \"../a\" must stay inside the project"},
      {R"({"tests": ["a/.."]})", "ktstr.json: tests[0]: \"a/..\" must stay inside the project"},
      {R"({"tests": ["/a"]})", "ktstr.json: tests[0]: \"/a\" must stay inside the project"},
      {R"({"tests": [""]})", "ktstr.json: tests[0]: \"\" must stay inside the project"},
      {R"({"store": 1})", "ktstr.json: store: expected a plugin's name or an object with \"use\", found 1"},
      {R"({"store": ""})", "ktstr.json: store: the name is empty"},
      {R"({"runner": {"options": {}}})", "ktstr.json: runner: \"use\" is missing: the plugin's name"},
      {R"({"runner": {"use": "a", "option": {}}})",
       "ktstr.json: runner: unknown key \"option\" (did you mean \"options\"?)"},
      {R"({"runner": {"use": "a", "options": []}})",
       "ktstr.json: runner.options: expected an object, found an array of 0"},
      {R"({"gates": "welch"})", "ktstr.json: gates: expected an array, found \"welch\""},
      {R"({"gates": []})", "ktstr.json: gates: the array is empty"},
      {R"({"gates": ["a", {"use": 3}]})", "ktstr.json: gates[1].use: expected a string, found 3"},
      {R"({"gates": ["a", {"use": "b", "out": "c"}]})", "ktstr.json: gates[1]: unknown key \"out\""},
      {R"({"reporters": [{"use": "json", "out": 1}]})",
       "ktstr.json: reporters[0].out: expected a string, found 1"},
      {R"({"reporters": ["terminal", {"use": "json", "out": "/etc/x"}]})",
       "ktstr.json: reporters[1].out: \"/etc/x\" must stay inside the project"},
      {R"({"reporters": [{"use": "json", "out": "a/../../x"}]})",
       "ktstr.json: reporters[0].out: \"a/../../x\" must stay inside the project"},
      {R"({"reporters": [{"out": "x"}]})", "ktstr.json: reporters[0]: \"use\" is missing: the plugin's name"},
      {"{\"\x1f\": 1}", "ktstr.json: line 1, column "},
      {R"({"\u001b[1m": 1})", "ktstr.json: unknown key \"\\x1b[1m\""}};
  for (const auto& [text, message] : cases) EXPECT_THAT(problem(text), StartsWith(message)) << text;
}

TEST(ConfigText, AProjectCannotDecideWhatCodeRuns) {
  for (const char* text : {R"({"plugin_dirs": ["/x"]})", R"({"trust": []})", R"({"cache_dir": "/x"})",
                           R"({"safe_directories": ["*"]})"})
    EXPECT_THAT(problem(text), HasSubstr("a project may not set this")) << text;
  for (const char* text : {R"({"project": "x"})", R"({"build": "x"})", R"({"tests": []})"}) {
    EXPECT_THAT(problem(text, ConfigLayer::kUser), HasSubstr("only a project's ktstr.json may set this"))
        << text;
    EXPECT_THAT(problem(text, ConfigLayer::kSystem), HasSubstr("only a project's ktstr.json may set this"))
        << text;
  }
}

TEST(ConfigText, UserAndSystemSayWherePluginsAre) {
  Config config;
  const std::string sum(64, 'a');
  ASSERT_TRUE(apply_config_text(R"({"plugin_dirs": ["/sys"], "trust": ["sha256:)" + sum + "\"]}", "s",
                                ConfigLayer::kSystem, config));
  ASSERT_TRUE(apply_config_text(R"({"plugin_dirs": ["/user"], "cache_dir": "/cache"})", "u",
                                ConfigLayer::kUser, config));
  EXPECT_THAT(config.plugin_dirs, ElementsAre(fs::path("/sys"), fs::path("/user")));
  EXPECT_THAT(config.trusted_sha256, ElementsAre(sum));
  EXPECT_EQ(config.cache_dir, "/cache");
  const auto user = [](const std::string& text) { return problem(text, ConfigLayer::kUser); };
  EXPECT_THAT(user(R"({"plugin_dirs": ["rel"]})"), HasSubstr("\"rel\" is not an absolute path"));
  EXPECT_THAT(user(R"({"plugin_dirs": [""]})"), HasSubstr("is not an absolute path"));
  EXPECT_THAT(user(R"({"cache_dir": "rel"})"), HasSubstr("\"rel\" is not an absolute path"));
  EXPECT_THAT(user(R"({"safe_directories": ["rel"]})"),
              HasSubstr("\"rel\" is neither an absolute path nor *"));
  EXPECT_THAT(user(R"({"trust": ["sha256:12"]})"), HasSubstr("is not sha256:HEX"));
  EXPECT_THAT(user(R"({"trust": ["md5:)" + sum + "\"]}"), HasSubstr("is not sha256:HEX"));
  EXPECT_THAT(user(R"({"trust": ["sha256:)" + std::string(64, 'g') + "\"]}"), HasSubstr("is not sha256:HEX"));
  EXPECT_THAT(user(R"({"trust": ["sha256:)" + std::string(64, 'A') + "\"]}"),
              HasSubstr("is not sha256:HEX"));  // would never match
}

class LoadConfig : public ::testing::Test {
 protected:
  LoadConfig() {
    environment.home = (tree / "home").string();
    environment.cwd = tree.directory("src/sub/deep").string();
    tree.directory(".git");
  }
  Result<Config> load() const { return load_config(environment, tree / "prefix"); }
  TempTree tree;
  Environment environment;
};

TEST_F(LoadConfig, WithoutFilesThereAreDefaults) {
  const auto config = load();
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_FALSE(config->has_project_file);
  EXPECT_EQ(config->project_dir, tree / "src/sub/deep");
  EXPECT_EQ(config->project, "deep");
  EXPECT_EQ(config->cache_dir, tree / "home/.cache/ktstr");
}

TEST_F(LoadConfig, MergesSystemUserProjectEnvironment) {
  tree.write(
      "prefix/etc/ktstr/config.json",
      R"({"kernel": "system", "store": "system", "runner": "system", "cache_dir": "/system", "plugin_dirs": ["/s"]})");
  tree.write("home/.config/ktstr/config.json",
             R"({"kernel": "user", "store": "user", "plugin_dirs": ["/u"]})");
  tree.write("src/ktstr.json", R"({"kernel": "project"})");
  environment.cache_dir = "/environment";
  const auto config = load();
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->kernel, "project");
  EXPECT_EQ(config->store.use, "user");
  EXPECT_EQ(config->runner.use, "system");
  EXPECT_EQ(config->cache_dir, "/environment");
  EXPECT_THAT(config->plugin_dirs, ElementsAre(fs::path("/s"), fs::path("/u")));
  EXPECT_EQ(config->origins.at("kernel"), "project " + (tree / "src/ktstr.json").string());
  EXPECT_EQ(config->origins.at("store"), "user " + (tree / "home/.config/ktstr/config.json").string());
  EXPECT_EQ(config->origins.at("runner"), "system " + (tree / "prefix/etc/ktstr/config.json").string());
  EXPECT_EQ(config->origins.at("cache_dir"), "environment KTSTR_CACHE_DIR");
  EXPECT_EQ(config->project_dir, tree / "src");
  EXPECT_EQ(config->project, "src");
  EXPECT_TRUE(config->has_project_file);
}

TEST_F(LoadConfig, TheNearestProjectFileWins) {
  tree.write("ktstr.json", R"({"kernel": "far"})");
  tree.write("src/sub/ktstr.json", R"({"project": "near"})");
  const auto config = load();
  ASSERT_TRUE(config);
  EXPECT_EQ(config->project, "near");
  EXPECT_EQ(config->kernel, "");
}

TEST_F(LoadConfig, TheSearchEndsAtTheRepositorysRoot) {
  tree.write("ktstr.json", R"({"kernel": "planted"})");
  EXPECT_EQ(load()->kernel, "planted");
  tree.write("src/.git", "gitdir: elsewhere");  // a linked worktree or a submodule
  EXPECT_EQ(load()->kernel, "");
  EXPECT_EQ(load()->project_dir, tree / "src/sub/deep");
  fs::remove(tree / "src/.git");
  fs::remove(tree / ".git");  // no repository: the working directory and nothing above it
  if (fs::exists("/.git")) GTEST_SKIP() << "the whole machine is a repository";
  EXPECT_EQ(load()->kernel, "");
  tree.write("src/sub/deep/ktstr.json", R"({"kernel": "own"})");
  EXPECT_EQ(load()->kernel, "own");
}

TEST_F(LoadConfig, AProjectOfSomebodyElseIsNotUsed) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const fs::path file = tree.write("src/ktstr.json", R"({"kernel": "theirs"})");
  const auto refusal = [&](const fs::path& stranger) {
    const auto config = load();
    EXPECT_FALSE(config);
    if (config) return;
    EXPECT_EQ(config.error().code, ExitCode::kUsage);
    EXPECT_THAT(config.error().message,
                StartsWith(stranger.string() + " belongs to user 12345, neither you nor root"));
    EXPECT_THAT(config.error().hint,
                HasSubstr("\"safe_directories\": [\"" + (tree / "src").string() + "\"]"));
  };
  for (const fs::path& path : {file, tree / "src", tree.path()}) {
    ASSERT_EQ(::chown(path.c_str(), 12345, 0), 0);
    refusal(path);
    environment.sudo_uid = "12345";
    EXPECT_TRUE(load());
    environment.sudo_uid = "12345x";
    refusal(path);
    environment.sudo_uid.clear();
    for (const std::string& safe : {(tree / "src").string(), tree.path().string() + "/*", std::string("*")}) {
      tree.write("home/.config/ktstr/config.json", "{\"safe_directories\": [\"" + safe + "\"]}");
      const auto config = load();
      ASSERT_TRUE(config) << config.error().message;
      EXPECT_EQ(config->kernel, "theirs");
    }
    tree.write("home/.config/ktstr/config.json",
               "{\"safe_directories\": [\"" + (tree / "src/sub").string() + "\"]}");
    refusal(path);
    fs::remove(tree / "home/.config/ktstr/config.json");
    environment.safe_directories = "/elsewhere:" + (tree / "src").string();
    EXPECT_TRUE(load()) << "KTSTR_SAFE_DIRECTORIES";
    environment.safe_directories = "src";
    EXPECT_THAT(load().error().message, StartsWith("KTSTR_SAFE_DIRECTORIES: \"src\" is neither"));
    environment.safe_directories.clear();
    ASSERT_EQ(::chown(path.c_str(), 0, 0), 0);
  }
  EXPECT_EQ(load()->kernel, "theirs");
}

TEST_F(LoadConfig, WhatAProjectSaysIsMarked) {
  tree.write("home/.config/ktstr/config.json",
             R"({"store": "s", "reporters": [{"use": "json", "out": "/var/tmp/x"}]})");
  tree.write("src/ktstr.json", R"({"runner": "r", "gates": ["g"]})");
  const auto config = load();
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->runner.from_project);
  EXPECT_TRUE(config->gates[0].from_project);
  EXPECT_FALSE(config->store.from_project);
  EXPECT_FALSE(config->cached_gates[0].from_project);
  EXPECT_FALSE(config->reporters[0].from_project);
  EXPECT_EQ(config->reporters[0].out, "/var/tmp/x");
}

TEST_F(LoadConfig, HonoursXdgDirectories) {
  environment.xdg_config_home = (tree / "xdg").string();
  environment.xdg_cache_home = (tree / "xcache").string();
  tree.write("xdg/ktstr/config.json", R"({"kernel": "xdg"})");
  tree.write("home/.config/ktstr/config.json", "broken");
  const auto config = load();
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->kernel, "xdg");
  EXPECT_EQ(config->cache_dir, tree / "xcache/ktstr");
}

TEST_F(LoadConfig, ABrokenFileIsAnErrorThatNamesIt) {
  tree.write("src/ktstr.json", "{\n  oops\n}");
  const auto config = load();
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ExitCode::kUsage);
  EXPECT_THAT(config.error().message, StartsWith((tree / "src/ktstr.json").string() + ": line 2"));
}

TEST_F(LoadConfig, AFileThatCannotBeReadIsAnError) {
  tree.directory("home/.config/ktstr/config.json");
  ASSERT_FALSE(load());
  EXPECT_THAT(load().error().message, HasSubstr("not a regular file"));
  fs::remove_all(tree / "home/.config/ktstr");
  fs::create_symlink("loop", tree / "home/.config/loop");
  fs::create_symlink("loop", tree / "home/.config/ktstr");
  ASSERT_FALSE(load());
  EXPECT_THAT(load().error().message, HasSubstr("cannot look at"));
}

TEST_F(LoadConfig, SurvivesADeletedWorkingDirectory) {
  environment.cwd.clear();
  EXPECT_TRUE(load());
}

TEST(ReporterFlag, TakesOutAndOptions) {
  const auto plain = parse_reporter_flag("json");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->use, "json");
  EXPECT_EQ(plain->out, "");
  const auto full =
      parse_reporter_flag("json::out=a=b.json::n=3::deep=true::name=x y::x=-1.5::s=\"3\"::list=[1]");
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ(full->out, "a=b.json");
  EXPECT_EQ(full->options_json, R"({"n":3,"deep":true,"name":"x y","x":-1.5,"s":"3","list":"[1]"})");
}

TEST(ReporterFlag, KeepsEscapedColons) {
  const auto flag = parse_reporter_flag(R"(json::out=a\::b::title=c\::d:e::empty=)");
  ASSERT_TRUE(flag) << flag.error().message;
  EXPECT_EQ(flag->out, "a::b");
  EXPECT_EQ(flag->options_json, R"({"title":"c::d:e","empty":""})");
  EXPECT_EQ(parse_plugin_flag(R"(a::x=\\::y)", "--gate")->options_json, R"({"x":"\\::y"})");
}

TEST(ReporterFlag, NamesMistakes) {
  EXPECT_EQ(parse_reporter_flag("json::out=").error().message,
            "--reporter \"json::out=\": out= names no file");
  EXPECT_THAT(parse_reporter_flag("").error().message, HasSubstr("names no plugin"));
  EXPECT_THAT(parse_reporter_flag("::out=x").error().message, HasSubstr("names no plugin"));
  EXPECT_THAT(parse_reporter_flag("json::x").error().message, HasSubstr("\"x\" is not key=value"));
  EXPECT_THAT(parse_reporter_flag("json::=x").error().message, HasSubstr("\"=x\" is not key=value"));
  EXPECT_THAT(parse_plugin_flag("a\x1b::b", "--gate").error().message, StartsWith("--gate \"a\\x1b::b\": "));
}

/// What the schema of tests/schema/corpus.py judges too, and the layer that says it.
template <typename Take>
void each_of_corpus(const std::string& name, Take take) {
  const fs::path file = fs::path(KTSTR_CONFIG_CORPUS) / (name + ".json");
  const auto rows = parse_json(*read_file(file, 1 << 20), name);
  ASSERT_TRUE(rows) << rows.error().message;
  for (const json::value& row : rows->as_array()) {
    const bool project = !row.as_object().contains("layer");
    take(std::string(row.at("what").as_string()), to_text(row.at("configuration"), 0),
         project ? ConfigLayer::kProject : ConfigLayer::kUser);
  }
}

TEST(ConfigSchema, TheReaderJudgesItsCorpusAlike) {
  each_of_corpus("accepted", [](const std::string& what, const std::string& text, ConfigLayer layer) {
    EXPECT_EQ(problem(text, layer), "") << what;
  });
  for (const char* name : {"refused", "refused_by_the_reader"}) {
    each_of_corpus(name, [](const std::string& what, const std::string& text, ConfigLayer layer) {
      EXPECT_NE(problem(text, layer), "") << what;
    });
  }
}

TEST(ConfigKeys, TheirExamplesAreRead) {
  for (const ConfigKey& key : config_keys()) {
    const std::string text = "{\"" + std::string(key.name()) + "\": " + std::string(key.member.example) + "}";
    const ConfigLayer layer = key.sayer == Sayer::kNoProject ? ConfigLayer::kUser : ConfigLayer::kProject;
    EXPECT_EQ(problem(text, layer), "") << text;
    EXPECT_EQ(key.apply == nullptr, key.value == nullptr) << text;
  }
}

TEST(ConfigKeys, WhatAFileSaysIsShownAsItSaysIt) {
  for (const ConfigKey& key : config_keys()) {
    if (key.value == nullptr || key.name() == "metrics" || key.name() == "profiles")
      continue;  // of these the names are shown
    Config config;
    const std::string text = "{\"" + std::string(key.name()) + "\": " + std::string(key.member.example) + "}";
    const ConfigLayer layer = key.sayer == Sayer::kNoProject ? ConfigLayer::kUser : ConfigLayer::kProject;
    ASSERT_TRUE(apply_config_text(text, "f", layer, config)) << text;
    EXPECT_EQ(to_text(key.value(config), 0), to_text(*parse_json(key.member.example, "example"), 0));
  }
}

}  // namespace
}  // namespace ktstr
