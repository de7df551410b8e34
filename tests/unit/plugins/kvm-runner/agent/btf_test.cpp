// SPDX-License-Identifier: Apache-2.0
#include "agent/btf.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace ktstr::agent {
namespace {

/// BTF in the making.
class Blob {
 public:
  std::uint32_t name(const std::string& text) {
    const auto at = static_cast<std::uint32_t>(strings_.size());
    strings_ += text + '\0';
    return at;
  }
  void words(std::initializer_list<std::uint32_t> list) {
    for (const std::uint32_t word : list) types_.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  void type(const std::string& called, std::uint32_t kind, std::uint32_t count, std::uint32_t size,
            bool flag = false) {
    words({name(called), (flag ? 1U << 31U : 0U) | kind << 24U | count, size});
  }
  std::string finish() const {
    const auto types = static_cast<std::uint32_t>(types_.size()),
               strings = static_cast<std::uint32_t>(strings_.size());
    const std::uint32_t header[6] = {0x0001eb9f, 24, 0, types, types, strings};
    return std::string(reinterpret_cast<const char*>(header), sizeof header) + types_ + strings_;
  }

 private:
  std::string types_, strings_ = std::string(1, '\0');
};

std::string sample() {
  Blob blob;
  blob.type("int", 1, 0, 4);
  blob.words({0x20});
  blob.type("", 3, 0, 0);
  blob.words({1, 1, 8});
  blob.type("other", 4, 1, 4);
  blob.words({blob.name("timeout_ms"), 1, 0});
  blob.type("a_function", 13, 2, 0);
  blob.words({0, 1, 0, 1});
  blob.type("ops", 4, 2, 72, true);
  blob.words({blob.name("flags"), 1, 4U << 24U | 3, blob.name("timeout_ms"), 1, 64 * 8});
  return blob.finish();
}

/// struct outer { u64 first; union { struct { u32 a; u32 b; }; u64 c; }; }, the nested ones after what has
/// them.
std::string nested() {
  Blob blob;
  blob.type("int", 1, 0, 4);
  blob.words({0x20});
  blob.type("outer", 4, 2, 16);
  blob.words({blob.name("first"), 1, 0, 0, 3, 64});
  blob.type("", 5, 2, 8);
  blob.words({0, 4, 0, blob.name("c"), 1, 0});
  blob.type("", 4, 2, 8);
  blob.words({blob.name("a"), 1, 0, blob.name("b"), 1, 32});
  return blob.finish();
}

/// .bss with a signed variable behind a type definition, an unsigned one and an array.
std::string variables_of_a_program() {
  Blob blob;
  blob.type("int", 1, 0, 4);
  blob.words({1U << 24U | 32});
  blob.type("unsigned int", 1, 0, 4);
  blob.words({32});
  blob.type("number", 8, 0, 1);
  blob.type("", 3, 0, 0);
  blob.words({2, 2, 16});
  blob.type("level", 14, 0, 3);
  blob.words({1});
  blob.type("count", 14, 0, 2);
  blob.words({1});
  blob.type("slots", 14, 0, 4);
  blob.words({1});
  blob.type(".bss", 15, 3, 72);
  blob.words({5, 0, 4, 6, 4, 4, 7, 8, 64});
  return blob.finish();
}

TEST(Btf, VariablesOfASection) {
  const std::string bytes = variables_of_a_program();
  const Btf btf(bytes, {});
  const std::vector<Btf::Variable> found = btf.variables(8);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].name, "level");
  EXPECT_TRUE(found[0].is_signed);
  EXPECT_EQ(found[1].name, "count");
  EXPECT_EQ(found[1].offset, 4U);
  EXPECT_FALSE(found[1].is_signed);
  EXPECT_EQ(found[2].size, 64U);
  EXPECT_TRUE(btf.variables(7).empty()) << "a variable is no section";
  EXPECT_TRUE(btf.variables(99).empty());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string torn = bytes.substr(0, size);
    EXPECT_LE(Btf(torn, {}).variables(8).size(), 3U);
  }
}

TEST(Btf, AStructOfManyOfItselfEnds) {
  Blob blob;
  blob.type("outer", 4, 1000, 8);
  for (int i = 0; i < 1000; ++i) blob.words({0, 1, 0});
  const std::string bytes = blob.finish();
  EXPECT_EQ(Btf(bytes, {"outer"}).member_offset("outer", "absent"), std::nullopt);
}

TEST(Btf, MembersOfMembersWithoutANameAreMembers) {
  const std::string bytes = nested();
  const Btf btf(bytes, {"outer"});
  EXPECT_EQ(btf.member_offset("outer", "first"), 0U);
  EXPECT_EQ(btf.member_offset("outer", "a"), 8U);
  EXPECT_EQ(btf.member_offset("outer", "b"), 12U);
  EXPECT_EQ(btf.member_offset("outer", "c"), 8U);
  EXPECT_FALSE(btf.member_offset("outer", "d"));
  EXPECT_FALSE(btf.member_offset("outer", ""));
}

TEST(Btf, AStructThatHoldsItselfEnds) {
  Blob blob;
  blob.type("circle", 4, 1, 8);
  blob.words({0, 1, 0});
  const std::string bytes = blob.finish();
  EXPECT_FALSE(Btf(bytes, {"circle"}).member_offset("circle", "a"));
}

TEST(Btf, FindsStructsAndMembers) {
  const std::string bytes = sample();
  const Btf btf(bytes, {"ops", "nothing"});
  EXPECT_EQ(btf.struct_id("ops"), 5U);
  EXPECT_EQ(btf.member_offset("ops", "timeout_ms"), 64U);
  EXPECT_FALSE(btf.member_offset("ops", "flags")) << "a bit field has no offset in bytes";
  EXPECT_FALSE(btf.member_offset("ops", "other"));
  EXPECT_FALSE(btf.struct_id("nothing") || btf.struct_id("other"));
}

TEST(Btf, NoTruncationAndNoFlippedByteCrashes) {
  const std::string whole = sample();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string part = whole.substr(0, size);
    EXPECT_FALSE(Btf(part, {"ops"}).member_offset("ops", "timeout_ms"));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char bit : {'\x01', '\x40', '\x7f'}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ bit);
      const Btf btf(changed, {"ops", "other"});
      static_cast<void>(btf.member_offset("ops", "timeout_ms"));
    }
  }
}

}  // namespace
}  // namespace ktstr::agent
