// SPDX-License-Identifier: Apache-2.0
#include "select/partition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace ktstr {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back("test_" + std::to_string(i * 7919));
  return out;
}

/// Which part each test is in; a test that is in none or in two fails.
std::map<std::string, std::uint64_t> parts_of(const std::vector<std::string>& tests, const std::string& kind,
                                              std::uint64_t parts) {
  std::map<std::string, std::uint64_t> of;
  for (std::uint64_t part = 1; part <= parts; ++part) {
    const auto partition = Partition::parse(kind + ":" + std::to_string(part) + "/" + std::to_string(parts));
    EXPECT_TRUE(partition);
    for (std::size_t i = 0; partition && i < tests.size(); ++i) {
      if (partition->has(i, tests[i])) {
        EXPECT_TRUE(of.emplace(tests[i], part).second) << tests[i];
      }
    }
  }
  EXPECT_EQ(of.size(), tests.size()) << kind << " in " << parts;
  return of;
}

TEST(Partition, EveryTestIsInExactlyOnePart) {
  for (const char* kind : {"slice", "hash"}) {
    for (const std::size_t count : {0U, 1U, 2U, 7U, 100U}) {
      for (const std::uint64_t parts : {1U, 2U, 3U, 8U, 101U}) parts_of(names(count), kind, parts);
    }
  }
}

TEST(Partition, SlicesAreDealtOutLikeCards) {
  const std::vector<std::string> tests = names(10);
  const auto of = parts_of(tests, "slice", 3);
  for (std::size_t i = 0; i < tests.size(); ++i) EXPECT_EQ(of.at(tests[i]), i % 3 + 1);
}

TEST(Partition, AHashStaysWhenTestsComeAndGo) {
  const std::vector<std::string> all = names(300);
  const auto of = parts_of(all, "hash", 4);
  std::vector<std::string> fewer;
  for (std::size_t i = 0; i < all.size(); i += 3) fewer.push_back(all[i]);
  for (const auto& [name, part] : parts_of(fewer, "hash", 4)) EXPECT_EQ(part, of.at(name));
  std::map<std::uint64_t, int> sizes;
  for (const auto& [name, part] : of) ++sizes[part];
  for (const auto& [part, size] : sizes) EXPECT_NEAR(size, 75, 30) << "part " << part;
  EXPECT_TRUE(Partition::parse("hash:2/2")->has(0, "wakeups")) << "the same on every machine and for ever";
}

TEST(Partition, MistakesAreTold) {
  for (const auto& [text, told] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "there is no kind \"\""},
           {"slcie:1/2", "did you mean \"slice\"?"},
           {"count:1/2", "there is no kind \"count\""},
           {"slice", "expected two whole numbers"},
           {"slice:1", "expected two whole numbers"},
           {"slice:1/", "expected two whole numbers"},
           {"hash:-1/2", "expected two whole numbers"},
           {"hash:1/2x", "expected two whole numbers"},
           {"hash:0/2", "parts are counted from 1"},
           {"hash:3/2", "parts are counted from 1"},
           {"slice:1/99999999999", "at most 1000000"},
       }) {
    const auto partition = Partition::parse(text);
    ASSERT_FALSE(partition) << text;
    EXPECT_EQ(partition.error().code, ExitCode::kUsage);
    EXPECT_THAT(partition.error().message, HasSubstr(told)) << text;
  }
  EXPECT_EQ(Partition::parse("hash:2/7")->text(), "hash:2/7");
}

}  // namespace
}  // namespace ktstr
