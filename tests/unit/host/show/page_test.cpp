// SPDX-License-Identifier: Apache-2.0
#include "show/page.hpp"

#include <gtest/gtest.h>

namespace ktstr {
namespace {

TEST(Page, ParagraphsAreSetAnewInTheWidth) {
  EXPECT_EQ(page_text("# Filters\n\none two three four\nfive six\n", 20, false),
            "Filters\n=======\n\none two three four\nfive six\n");
  EXPECT_EQ(page_text("one two three four\nfive six\n", 40, false), "one two three four five six\n");
}

TEST(Page, CodeStaysAsItIs) {
  EXPECT_EQ(
      page_text(
          "Then:\n```sh\nktstr test  --kernel 6.18   # a [link](x.md) is none\n\n| no | table |\n```\nend\n",
          30, false),
      "Then:\n\n    ktstr test  --kernel 6.18   # a [link](x.md) is none\n\n    | no | table |\n\nend\n");
}

TEST(Page, LinksBecomeTheCommandThatShowsThePage) {
  EXPECT_EQ(
      page_text("See [filters](filter.md#sets), [runs.md](runs.md) and [the tool](https://a.example/x).\n",
                200, false),
      "See filters (ktstr help filter), runs.md and the tool <https://a.example/x>.\n");
  EXPECT_EQ(
      page_text("[that](#below) [README](../README.md) `[code](x.md)` a\\|b **strong** a_b_c\n", 200, false),
      "that README `[code](x.md)` a|b strong a_b_c\n");
}

TEST(Page, ListsHang) {
  EXPECT_EQ(page_text("- one two three four five six\n  seven\n- eight\n\n1. first\n", 20, false),
            "- one two three four\n  five six seven\n- eight\n\n1. first\n");
}

TEST(Page, TablesAreSetInColumns) {
  EXPECT_EQ(page_text("| name | count |\n|---|---:|\n| `a|b` | 1 |\n| c\\|d | 20 |\n", 60, false),
            "name   count\n`a|b`      1\nc|d       20\n");
  EXPECT_EQ(page_text("<!-- generated: x -->\n| | |\n|---|---|\n| a | b |\n<!-- end -->\n", 60, false),
            "a  b\n");
}

TEST(Page, ATerminalGetsBold) {
  EXPECT_EQ(page_text("# T\n\na `b` c\n", 60, true), "\033[1mT\033[0m\n\na \033[1mb\033[0m c\n");
}

TEST(PageIndex, HasNameKindTitleAndSummary) {
  const auto index = page_index(
      "# Docs\n- [no](kind.md): of its own\n## How-to\n- [Filters](filter.md): what `-E` [takes](x.md)\n- "
      "[out](../README.md): no page\n");
  ASSERT_EQ(index.size(), 2U);
  EXPECT_EQ(index[0].kind, "");
  EXPECT_EQ(index[1].name, "filter");
  EXPECT_EQ(index[1].kind, "How-to");
  EXPECT_EQ(index[1].title, "Filters");
  EXPECT_EQ(index[1].summary, "what `-E` takes (ktstr help x)");
}

}  // namespace
}  // namespace ktstr
