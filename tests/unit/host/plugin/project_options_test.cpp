// SPDX-License-Identifier: Apache-2.0
#include "plugin/project_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/temp_tree.hpp"
#include "support/confinement.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kSchema = R"({"type": "object", "properties": {
  "root": {"type": "string", "format": "host-path"},
  "tool": {"type": "string", "format": "host-program"},
  "mode": {"enum": ["a/b"]}, "url": {"type": "string", "format": "uri"}, "name": {"type": "string"},
  "many": {"type": "array", "items": {"type": "string", "format": "host-path"}},
  "deep": {"type": "object", "properties": {"file": {"type": "string", "format": "host-path"}}}}})";

class ProjectOptions : public ::testing::Test {
 protected:
  std::string of(const std::string& options, const char* schema = kSchema) const {
    const auto found = project_options(schema, options, tree / "project", "runner x, option");
    if (found) return *found;
    EXPECT_EQ(found.error().code, ExitCode::kUsage);
    return found.error().message;
  }
  testing::TempTree tree;
  fs::path project = tree.directory("project");
  fs::path outside = tree.directory("outside");
};

TEST_F(ProjectOptions, DoNotSayWhatOnlyTheUserMay) {
  constexpr const char* kSchemaOfEndpoints = R"({"type": "object", "properties": {
    "endpoint": {"type": "string", "format": "users-choice"}, "url": {"type": "string", "format": "uri"}}})";
  EXPECT_THAT(of(R"({"endpoint":"x"})", kSchemaOfEndpoints), HasSubstr("a project may not say this"));
  EXPECT_THAT(of(R"({"endpoint":{"env":"X"}})", kSchemaOfEndpoints), HasSubstr("a project may not say this"));
  EXPECT_EQ(of(R"({"url":"s3://bucket"})", kSchemaOfEndpoints), R"({"url":"s3://bucket"})");
}

TEST_F(ProjectOptions, PathsBecomeAbsoluteInsideOfTheProject) {
  const std::string root = fs::canonical(project).string();
  EXPECT_EQ(of(R"({"root":"target/runs"})"), R"({"root":")" + root + R"(/target/runs"})");
  EXPECT_EQ(
      of(R"({"root":"a/../b","deep":{"file":"c"},"many":["d"]})"),
      R"({"root":")" + root + R"(/b","deep":{"file":")" + root + R"(/c"},"many":[")" + root + R"(/d"]})");
  EXPECT_EQ(of("{\"root\":\"" + root + "/x\"}"), "{\"root\":\"" + root + "/x\"}");
  EXPECT_EQ(of(R"({"tool":"qemu-kvm"})"), R"({"tool":"qemu-kvm"})");
  EXPECT_EQ(of(R"({"tool":"./qemu"})"), R"({"tool":")" + root + R"(/qemu"})");
}

TEST_F(ProjectOptions, PathsOutsideAreRefused) {
  fs::create_directory_symlink(outside, project / "link");
  fs::create_symlink(outside / "none", project / "dangling");
  tree.directory("project/.git/hooks");
  for (const char* path : {"/etc", "..", "../outside/x", "a/../../outside", "link/x", "dangling",
                           ".git/config", ".git/hooks/x", ""}) {
    EXPECT_THAT(of("{\"root\":\"" + std::string(path) + "\"}"),
                StartsWith("runner x, option root: \"" + std::string(path) + "\" "))
        << path;
  }
  EXPECT_THAT(of(R"({"tool":"/bin/sh"})"), HasSubstr("lies outside of the project"));
  EXPECT_THAT(of(R"({"tool":".."})"), HasSubstr("lies outside of the project"));
  EXPECT_THAT(of(R"({"many":["x","/etc"]})"), StartsWith("runner x, option many[1]: "));
  EXPECT_THAT(of(R"({"deep":{"file":"/etc"}})"), StartsWith("runner x, option deep file: "));
}

TEST_F(ProjectOptions, WhatNobodyDeclaredMayNotLookLikeAPath) {
  for (const char* options : {R"({"name":"/etc/passwd"})", R"({"name":"a/b"})", R"({"name":"~root"})",
                              R"({"name":".."})", R"({"unknown":"/x"})", R"({"deep":{"other":["/x"]}})"}) {
    EXPECT_THAT(of(options), HasSubstr("looks like a path")) << options;
  }
  EXPECT_THAT(of(R"({"root":"/x"})", ""), HasSubstr("looks like a path"));
  EXPECT_THAT(of(R"({"root":"/x"})", "not JSON"), HasSubstr("looks like a path"));
  const char* fine = R"({"mode":"a/b","url":"http://x/","name":"plain","n":1,"unknown":[true,null,"x"]})";
  EXPECT_EQ(of(fine), fine);
}

}  // namespace
}  // namespace ktstr
