// SPDX-License-Identifier: Apache-2.0
//
// `ktstr plugin trust`, `untrust` and `--safe`: what is loaded is what somebody looked at.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <thread>

#include "project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;

/// The fixture runner `fake` among the user's plugins is nobody's that ktstr ships.
class PluginTrust : public ::testing::Test {
 protected:
  PluginTrust() {
    for (const auto& entry : fs::directory_iterator(directory)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".so")) library = entry.path();
      if (name.ends_with(".ktstr-plugin.json")) manifest = entry.path();
    }
  }
  std::string state_of_fake(const Arguments& flags = {}) const {
    Arguments all = flags;
    all.insert(all.end(), {"plugin", "list", "--json"});
    const json::value list = parsed(project.ktstr(all));
    for (const json::value& plugin : list.at("plugins").as_array()) {
      if (plugin.at("manifest") == json::value(manifest.string()))
        return std::string(plugin.at("trust").as_string());
    }
    return "missing";
  }
  static void append(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::app) << text;
  }
  ProgramResult trust(const fs::path& file) const {
    return project.ktstr({"plugin", "trust", file.string()});
  }

  Project project;
  const fs::path directory = project.tree / "data/ktstr/plugins/v1";
  const fs::path kept = project.tree / "home/.config/ktstr/trusted-plugins.json";
  fs::path library, manifest;
};

TEST_F(PluginTrust, SafeLoadsWhatIsShippedAndWhatIsTrustedByItsHash) {
  EXPECT_EQ(state_of_fake(), "owner");
  expect_error(project.ktstr({"--safe", "test"}), 4,
               {library.string(), "ktstr plugin trust " + library.string()});
  expect_error(project.ktstr({"test"}, {{"KTSTR_SAFE", "1"}}), 4, {library.string()});
  EXPECT_EQ(project.ktstr({"test"}, {{"KTSTR_SAFE", "0"}}).exit_code, 0);
  EXPECT_EQ(project.ktstr({"--safe", "plugin", "info", "welch"}).exit_code, 0) << "it is shipped";
  EXPECT_EQ(state_of_fake({"--safe"}), "none");

  const ProgramResult trusted = trust(library);
  ASSERT_EQ(trusted.exit_code, 0) << trusted.err;
  for (const std::string& part :
       {library.string(), manifest.string(), std::string("sha256:"), std::string("runner fake")})
    EXPECT_THAT(trusted.out, HasSubstr(part));
  EXPECT_EQ(state_of_fake({"--safe"}), "hash");
  const ProgramResult ran = project.ktstr({"test", "--safe"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  struct stat info {};
  ASSERT_EQ(::stat(kept.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
}

TEST_F(PluginTrust, AChangedFileIsNoLongerTrusted) {
  ASSERT_EQ(trust(manifest).exit_code, 0) << "either file names the plugin";
  append(library, "x");
  expect_error(project.ktstr({"--safe", "test"}), 4,
               {library.string() + " has changed since it was trusted", "ktstr plugin trust"});
  EXPECT_EQ(state_of_fake(), "changed");
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 0) << "without --safe the owner's files are";
  ASSERT_EQ(trust(library).exit_code, 0);
  EXPECT_EQ(project.ktstr({"--safe", "test"}).exit_code, 0);
  append(manifest, " ");
  expect_error(project.ktstr({"--safe", "test"}), 4,
               {manifest.string() + " has changed since it was trusted"});
}

TEST_F(PluginTrust, UntrustTakesItBack) {
  ASSERT_EQ(trust(library).exit_code, 0);
  const ProgramResult gone = project.ktstr({"plugin", "untrust", library.string()});
  EXPECT_EQ(gone.exit_code, 0) << gone.err;
  EXPECT_THAT(gone.out, HasSubstr(library.string()));
  expect_error(project.ktstr({"--safe", "test"}), 4, {"not trusted: " + library.string()});
  expect_error(project.ktstr({"plugin", "untrust", library.string()}), 2, {"is not trusted by its hash"});
  ASSERT_EQ(trust(library).exit_code, 0);
  fs::remove(library);
  EXPECT_EQ(project.ktstr({"plugin", "untrust", library.string()}).exit_code, 0) << "of a file that is gone";
}

TEST_F(PluginTrust, WhatOthersCanWriteToIsLoadedOnlyAsItWas) {
  fs::permissions(directory, fs::perms(0777));
  expect_error(project.ktstr({"test"}), 4, {"can be written by others"});
  ASSERT_EQ(trust(library).exit_code, 0);
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 0) << "these very bytes, from a copy";
  append(library, "x");
  expect_error(project.ktstr({"test"}), 4, {"has changed since it was trusted", "can be written by others"});
}

TEST_F(PluginTrust, RefusesLinksStrangersAndATrustFileOfOthers) {
  const fs::path link = project.tree / "link.so";
  fs::create_symlink(library, link);
  expect_error(trust(link), 2, {"belongs to no plugin"});
  fs::create_symlink(manifest, project.tree / "link.ktstr-plugin.json");
  expect_error(trust(project.tree / "link.ktstr-plugin.json"), 2, {"not a link"});
  expect_error(trust(project.tree / "gone.ktstr-plugin.json"), 2, {"gone.ktstr-plugin.json"});
  EXPECT_FALSE(fs::exists(kept));
  project.tree.directory("through");
  fs::create_directory_symlink(directory, project.tree / "through/plugins");
  EXPECT_EQ(trust(project.tree / "through/plugins" / library.filename()).exit_code, 0);
  EXPECT_EQ(state_of_fake({"--safe"}), "hash") << "kept under the name without links";
  fs::permissions(kept, fs::perms(0666));
  expect_error(project.ktstr({"--safe", "test"}), 4, {"not believed: " + kept.string(), "chmod 600"});
  fs::remove(kept);
  fs::create_symlink(project.tree / "bzImage", kept);
  EXPECT_EQ(project.ktstr({"--safe", "test"}).exit_code, 4);
  fs::remove(kept);
  project.tree.write("home/.config/ktstr/trusted-plugins.json", "{\"schema_version\": 2}");
  fs::permissions(kept, fs::perms(0600));
  expect_error(project.ktstr({"--safe", "test"}), 4, {"trusted-plugins.json: schema_version"});
}

TEST_F(PluginTrust, ManyAtOnceLoseNothing) {
  constexpr int kPlugins = 8;
  std::vector<std::thread> threads;
  for (int i = 0; i < kPlugins; ++i) {
    const fs::path place = project.tree / ("many/" + std::to_string(i));
    install_plugin(directory, place);
    threads.emplace_back([this, place] { EXPECT_EQ(trust(place / library.filename()).exit_code, 0); });
  }
  for (std::thread& thread : threads) thread.join();
  std::ifstream in(kept);
  const json::value document = json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
  EXPECT_EQ(document.at("plugins").as_array().size(), static_cast<std::size_t>(kPlugins));
}

}  // namespace
}  // namespace ktstr::testing
