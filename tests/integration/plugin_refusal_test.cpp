// SPDX-License-Identifier: Apache-2.0
//
// Plugins that must not be used, as the command line says it: one line with the reason, and the exit code of
// a plugin's fault.
#include <fstream>

#include "project.hpp"

namespace ktstr::testing {
namespace {

class Refusal : public ::testing::Test {
 protected:
  fs::path install(const std::string& fixture) {
    const fs::path place = project.tree.directory("plugins-" + fixture);
    fs::permissions(place, fs::perms(0755));
    install_plugin(fs::path(KTSTR_FIXTURES_DIR) / fixture, place);
    return place;
  }
  ProgramResult use(const fs::path& place, const std::string& gate = "fixture") {
    return project.ktstr({"--plugin-dir", place.string(), "perf-delta", "--base", "HEAD~1", "--gate", gate});
  }
  void edit_manifest(const fs::path& place, const std::string& from, const std::string& to) {
    for (const auto& entry : fs::directory_iterator(place)) {
      if (entry.path().extension() != ".json") continue;
      const fs::path file = fs::relative(entry.path(), project.tree.path());
      std::string text = project.tree.read(file);
      ASSERT_NE(text.find(from), std::string::npos) << text;
      project.tree.write(file, text.replace(text.find(from), from.size(), to));
    }
  }
  static std::string sha256(const fs::path& file) {
    Program program;
    program.argv = {"sha256sum", file.string()};
    return run_program(program).out.substr(0, 64);
  }
  Project project;
};

TEST_F(Refusal, TheGoodOneIsUsed) {
  project.two_commits();
  EXPECT_EQ(use(install("minimal-c")).exit_code, 0);
}

TEST_F(Refusal, WhatTheCodeSays) {
  expect_error(use(install("wrong-major")), 4,
               {"test.ktstr.fixture", "built for ABI 2.", "this host speaks 1.x"});
  expect_error(use(install("no-entry")), 4, {"fixture-no-entry.so has no ktstr_plugin_entry_v1"});
  expect_error(use(install("too-short")), 4, {"its descriptor is too short (24 bytes)"});
  expect_error(use(install("no-function")), 4, {"lacks evaluate"});
  expect_error(use(install("failing-init")), 3, {"could not start: ", "init failed on purpose"});
}

TEST_F(Refusal, ManifestThatDisagrees) {
  expect_error(use(install("wrong-id")), 4,
               {"id: its entry says \"test.ktstr.other\", its manifest \"test.ktstr.fixture\""});
  expect_error(use(install("wrong-name")), 4, {"its entry offers ktstr.gate/1 \"another\""});
  const fs::path version = install("minimal-c");
  edit_manifest(version, "\"version\": \"1.0.0\"", "\"version\": \"9.0.0\"");
  expect_error(use(version), 4, {"version: its entry says \"1.0.0\", its manifest \"9.0.0\""});
  edit_manifest(version, "\"major\": 1", "\"major\": 2");
  expect_error(use(version), 4, {"needs ABI 2.x, this host speaks 1."});
  edit_manifest(version, "\"manifest\": 1", "\"manifest\": 7");
  expect_error(use(version), 2,
               {"there is no gate \"fixture\"", "not usable: fixture-minimal-c.ktstr-plugin.json"});
  EXPECT_NE(project.ktstr({"--plugin-dir", version.string(), "plugin", "list"})
                .out.find("manifest: format 7 is not known"),
            std::string::npos);
}

TEST_F(Refusal, FilesThatOthersCanWrite) {
  const fs::path place = install("minimal-c");
  const fs::path library = place / "fixture-minimal-c.so",
                 manifest = place / "fixture-minimal-c.ktstr-plugin.json";
  for (const fs::path& file : {library, manifest, place}) {
    const fs::perms before = fs::status(file).permissions();
    fs::permissions(file, fs::perms(0777));
    expect_error(use(place), 4,
                 {"not trusted: ", file.string(), "can be written by others (mode 0777)",
                  "chmod go-w " + file.string()});
    fs::permissions(file, before);
  }
  fs::rename(library, place / "elsewhere.so");
  fs::create_symlink("elsewhere.so", library);
  expect_error(use(place), 4, {"not trusted: ", "is a symbolic link"});
  fs::remove(library);
  expect_error(use(place), 4, {"not trusted: ", "No such file or directory"});
}

TEST_F(Refusal, FilesThatOthersCanWriteAreTakenByTheirHash) {
  project.two_commits();
  const fs::path place = install("minimal-c");
  const fs::path library = place / "fixture-minimal-c.so",
                 manifest = place / "fixture-minimal-c.ktstr-plugin.json";
  for (const fs::path& file : {library, manifest, place}) fs::permissions(file, fs::perms(0777));
  const auto trust = [&](const std::string& more) {
    project.tree.write("home/.config/ktstr/config.json",
                       "{\"trust\": [\"sha256:" + sha256(library) + "\"" + more + "]}");
  };
  trust("");
  expect_error(use(place), 4, {"not trusted: " + manifest.string()});
  trust(", \"sha256:" + sha256(manifest) + "\"");
  const ProgramResult result = use(place);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::ofstream(library, std::ios::app) << "x";
  expect_error(use(place), 4, {"not trusted: " + library.string()});
}

TEST_F(Refusal, ListingRunsNoCode) {
  const fs::path place = install("failing-init");
  project.tree.write("plugins-failing-init/fixture-failing-init.so", "not a library at all");
  const ProgramResult result = project.ktstr({"--plugin-dir", place.string(), "plugin", "list"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.out.find("test.ktstr.fixture "), std::string::npos) << result.out;
  expect_error(use(place), 4, {"cannot be loaded"});
}

TEST_F(Refusal, APluginsOwnLibrariesAreItsOwn) {
  project.two_commits();
  const ProgramResult result = use(install("own-library"), "own-library");
  EXPECT_NE(result.err.find("sqlite: the plugin's, zstd: the plugin's, zlib: the plugin's, xxhash: 4711, "
                            "utf8proc: the plugin's"),
            std::string::npos)
      << result.err;
}

TEST_F(Refusal, CrashNamesPluginAndCall) {
  project.write("tests/all.json", R"({"name": "boom", "crash": true})");
  const ProgramResult result = project.ktstr({"test"});
  EXPECT_EQ(result.exit_code, 128 + 6) << result.err;
  EXPECT_NE(result.err.find("fake"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("run"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace ktstr::testing
