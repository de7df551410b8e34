// SPDX-License-Identifier: Apache-2.0
#include "show/explanation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "framework/golden.hpp"
#include "run_documents.hpp"

namespace ktstr {
namespace {

using testing::document;
using testing::foreign_sidecar;
using ::testing::HasSubstr;
using testing::matches_golden;
using ::testing::Not;

Explanation explained(const std::vector<RunDocument>& documents) {
  Explanation explanation;
  explanation.walked = documents.size();
  explain(documents, explanation);
  return explanation;
}

// Eight fields are there, three are not: two for good, one with a fix.
TEST(Explanation, TheExampleOfTheReferencePage) {
  const Explanation explanation = explained({document(foreign_sidecar())});
  EXPECT_TRUE(matches_golden("stats/explain_sidecar.txt", explanation_text(explanation, 0)));
  EXPECT_TRUE(matches_golden("stats/explain_sidecar_80.txt", explanation_text(explanation, 80)));
  EXPECT_TRUE(matches_golden("stats/explain_sidecar.json", to_text(explanation_json(explanation)) + "\n"));
}

TEST(Explanation, EveryFieldHasACauseAndAClass) {
  unsigned place = 0;
  for (const SidecarField* field : explained_fields()) {
    EXPECT_EQ(field->null.place, ++place) << field->path;
    EXPECT_FALSE(field->null.causes[0].empty()) << field->path;
    EXPECT_TRUE(field->null.actionable || field->null.fix.empty())
        << field->path << ": nothing to fix in a steady state";
  }
}

// A field that a writer may leave null and that nobody can explain must not exist.
TEST(Explanation, CoversWhatMayBeNull) {
  for (const SidecarField& field : sidecar_fields()) {
    if (!keys_of(field).inner.empty()) continue;
    EXPECT_EQ(field.nullable, field.null.place > 0) << field.path;
  }
}

TEST(Explanation, EachFieldIsSeenAlone) {
  json::object all{{"schema_version", 1}};
  for (const SidecarField* field : explained_fields())
    all[json::string_view(field->path.data(), field->path.size())] = "x";
  EXPECT_THAT(explanation_text(explained({document(foreign_sidecar(all))}), 0),
              HasSubstr("  none fields: <all populated>\n"));
  for (const SidecarField* field : explained_fields()) {
    const json::string_view key(field->path.data(), field->path.size());
    json::object one = foreign_sidecar(all);
    one[key] = nullptr;
    json::object gone = one;
    gone.erase(key);
    for (const json::object& object : {one, gone}) {
      const Explanation explanation = explained({document(object)});
      ASSERT_EQ(explanation.sidecars.at(0).none.size(), 1U) << field->path;
      EXPECT_EQ(explanation.sidecars[0].none[0]->path, field->path);
    }
  }
}

TEST(Explanation, SortsByTestAndRun) {
  const Explanation explanation =
      explained({document(foreign_sidecar({{"test_name", "b"}})),
                 document(foreign_sidecar({{"test_name", "a"}, {"run_id", "2"}})),
                 document(foreign_sidecar({{"test_name", "a"}, {"run_id", "1"}, {"host", nullptr}}))});
  EXPECT_EQ(explanation.sidecars[0].run_id, "1");
  EXPECT_EQ(explanation.sidecars[1].run_id, "2");
  EXPECT_EQ(explanation.sidecars[2].test, "b");
  EXPECT_THAT(explanation_text(explanation, 0), HasSubstr("  arch: -\n"));
}

TEST(Explanation, NamesFilesThatCannotBeUsed) {
  Explanation explanation;
  explanation.walked = 2;
  explanation.corrupt.push_back({"r/a\x1b.ktstr.json", "incomplete JSON", "run the test again"});
  explanation.unreadable.push_back({"r/b.ktstr.json", "Permission denied", ""});
  EXPECT_EQ(explanation_text(explanation, 0),
            "walked 2 sidecar file(s), parsed 0 valid\n\ncorrupt sidecars (1):\n  r/a\\x1b.ktstr.json\n    "
            "error: incomplete JSON\n    enriched: run the test again\n"
            "\nio errors (1):\n  r/b.ktstr.json\n    error: Permission denied\n");
  const json::value walk = explanation_json(explanation).at("_walk");
  EXPECT_EQ(to_text(walk.at("io_errors"), 0), R"([{"path":"r/b.ktstr.json","error":"Permission denied"}])");
  EXPECT_EQ(walk.at("errors").at(0).at("enriched_message"), "run the test again");
}

}  // namespace
}  // namespace ktstr
