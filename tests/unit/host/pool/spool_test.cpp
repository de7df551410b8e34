// SPDX-License-Identifier: Apache-2.0
#include "pool/spool.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "framework/temp_tree.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;

class SpoolFiles : public ::testing::Test {
 protected:
  Spool spool() const {
    return Spool(places, {"org.example.store", "here", {{"url", "x"}}, ""},
                 {"6.18-abc1234", "session", "inputs", true, true});
  }
  fs::path only() const {
    const auto found = spooled(places);
    EXPECT_TRUE(found && found->size() == 1);
    return found->front();
  }

  testing::TempTree tree;
  std::vector<fs::path> places = {tree / "runs/.spool", tree / "cache"};
};

TEST_F(SpoolFiles, AreWholeAfterEachFile) {
  {
    Spool writer = spool();
    EXPECT_TRUE(spooled(places)->empty()) << "nothing is made for nothing";
    ASSERT_TRUE(writer.keep({"a.ktstr.json", "one"}, plugin_error("away")));
    EXPECT_EQ(read_spooled(only())->files.size(), 1U);
    ASSERT_TRUE(writer.keep({"a.failure-dump.json", std::string_view("\0two", 4), true}, plugin_error("x")));
    EXPECT_NE(writer.told().message.find("2 files of 6.18-abc1234, kept in " + only().string() + ": away"),
              std::string::npos);
    EXPECT_FALSE(kit::HeldLock::try_take(only(), O_RDONLY | O_DIRECTORY)) << "its writer lives";
  }
  EXPECT_TRUE(kit::HeldLock::try_take(only(), O_RDONLY | O_DIRECTORY));
  const auto entry = read_spooled(only());
  ASSERT_TRUE(entry) << entry.error().message;
  EXPECT_EQ(entry->store, (StoreIdentity{"org.example.store", "here", {{"url", "x"}}, ""}));
  EXPECT_EQ(entry->run.key, "6.18-abc1234");
  EXPECT_EQ(entry->run.inputs, "inputs");
  EXPECT_TRUE(entry->run.partial);
  EXPECT_FALSE(entry->run.preclear) << "a push clears nothing";
  ASSERT_EQ(entry->files.size(), 2U);
  EXPECT_EQ(entry->files[1].name, "a.failure-dump.json");
  EXPECT_TRUE(entry->files[1].artifact);
  EXPECT_EQ(entry->files[1].bytes, 4U);
}

TEST_F(SpoolFiles, GoToTheNextPlaceWhereOneCannotBeWritten) {
  tree.write("runs", "a file");
  Spool writer = spool();
  ASSERT_TRUE(writer.keep({"a.ktstr.json", "one"}, plugin_error("away")));
  EXPECT_EQ(only().parent_path(), places[1]);
}

TEST_F(SpoolFiles, ThatLeadElsewhereAreRefused) {
  Spool writer = spool();
  ASSERT_TRUE(writer.keep({"a.ktstr.json", "one"}, plugin_error("away")));
  const std::string text = spool_text(*read_spooled(only()));
  EXPECT_TRUE(parse_spool(text, "/e"));
  const auto refused = [&](const std::string& from, const std::string& to, const std::string& message) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    const auto parsed = parse_spool(changed, "/e");
    ASSERT_FALSE(parsed) << changed;
    EXPECT_NE(parsed.error().message.find(message), std::string::npos) << parsed.error().message;
    EXPECT_EQ(parsed.error().code, ExitCode::kEnvironment);
  };
  refused("a.ktstr.json", "../a.ktstr.json", "/e/spool.json: files[0].name: ");
  refused("6.18-abc1234", "/etc", "run.key");
  refused("\"file\": \"0\"", "\"file\": \"../0\"", "expected a number");
  refused("\"schema_version\": 1", "\"schema_version\": 2", "schema_version");
  refused("\"sha256\"", "\"sha255\"", "sha255");
}

TEST_F(SpoolFiles, AreSweptWhenNobodyHoldsThem) {
  tree.write("cache/.making-dead/0", "half");
  Spool writer = spool();
  ASSERT_TRUE(writer.keep({"a.ktstr.json", "one"}, plugin_error("away")));
  sweep_spool(places);
  EXPECT_FALSE(fs::exists(places[1] / ".making-dead"));
  const fs::path entry = only();
  remove_spooled(entry);
  EXPECT_FALSE(fs::exists(entry));
}

}  // namespace
}  // namespace ktstr
