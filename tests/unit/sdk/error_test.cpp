// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <ktstr/cpp/error.hpp>

namespace ktstr::sdk {
namespace {

TEST(CopySentence, TellsThatThereWasMore) {
  char field[12];
  copy_sentence(field, "eleven char");
  EXPECT_STREQ(field, "eleven char");
  copy_sentence(field, "twelve chars");
  EXPECT_STREQ(field, "twelve c…");
  copy_sentence(field, "seven: äöü and more");
  EXPECT_STREQ(field, "seven: …") << "no character is cut in two";
  copy_sentence(field, "");
  EXPECT_STREQ(field, "");
}

TEST(FillError, CutsWhatDoesNotFit) {
  ktstr_error error{};
  error.size = sizeof error;
  EXPECT_EQ(fill_error(&error, KTSTR_IO, std::string(600, 'm'), std::string(255, 'h')), KTSTR_IO);
  EXPECT_EQ(std::string(error.message), std::string(508, 'm') + "…");
  EXPECT_EQ(std::string(error.hint), std::string(255, 'h'));
}

}  // namespace
}  // namespace ktstr::sdk
