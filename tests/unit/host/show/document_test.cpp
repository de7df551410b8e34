// SPDX-License-Identifier: Apache-2.0
#include "show/document.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ktstr {
namespace {

TEST(Document, SaysFirstWhatItIs) {
  EXPECT_EQ(to_text(document("locks", {{"locks", json::array{1}}, {"a", nullptr}}), 0),
            R"({"schema_version":1,"document":"locks","locks":[1],"a":null})");
}

TEST(Document, ARowHasACommandAndMembers) {
  std::set<std::string_view> names;
  for (const DocumentRow& row : documents()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " is there twice";
    EXPECT_FALSE(row.commands.empty()) << row.name;
    EXPECT_TRUE(row.holds.starts_with('{')) << row.name << ": " << row.holds;
    EXPECT_GE(row.version, 1) << row.name;
  }
}

TEST(DocumentDeathTest, WithoutARowThereIsNone) { EXPECT_DEATH(document("lock", {}), ""); }

}  // namespace
}  // namespace ktstr
