// SPDX-License-Identifier: Apache-2.0
#include "dump/btf_value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;

/// Type information in the making.
class BtfBuilder {
 public:
  std::uint32_t add(const std::string& name, std::uint32_t kind, std::uint32_t count,
                    std::uint32_t size_or_type, const std::vector<std::uint32_t>& extra = {},
                    bool flag = false) {
    word(types_, string(name));
    word(types_, kind << 24U | count | (flag ? 1U << 31U : 0));
    word(types_, size_or_type);
    for (const std::uint32_t one : extra) word(types_, one);
    return ++id_;
  }
  std::uint32_t string(const std::string& text) {
    const auto at = static_cast<std::uint32_t>(strings_.size());
    strings_ += text + '\0';
    return text.empty() ? 0 : at;
  }
  std::string bytes() const {
    std::string out("\x9f\xeb\x01\x00", 4);
    const auto types = static_cast<std::uint32_t>(types_.size());
    for (const std::uint32_t one : {24U, 0U, types, types, static_cast<std::uint32_t>(strings_.size())})
      word(out, one);
    return out + types_ + strings_;
  }

 private:
  static void word(std::string& out, std::uint32_t value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  std::string types_, strings_{'\0'};
  std::uint32_t id_ = 0;
};

std::vector<std::string> shown(const BtfBuilder& builder, std::uint32_t type, std::string_view bytes,
                               std::size_t most = 100) {
  const std::string information = builder.bytes();
  std::vector<std::string> lines;
  for (const BtfField& field : format_value(BtfTypes(information), type, bytes, most))
    lines.push_back(field.path + "=" + field.text);
  return lines;
}

struct PackedValue {
  std::int32_t delta = -3;
  std::uint8_t bits = 0b10'0101;  // three bits, then three more
  char name[3] = {'o', 'k', '\0'};
  std::uint32_t mode = 1;
  std::uint16_t waits[2] = {7, 8};
  std::uint64_t next = 0xff;
} __attribute__((packed));

TEST(BtfValue, ShowsMembersByNameAndType) {
  BtfBuilder builder;
  const auto s32 = builder.add("int", 1, 0, 4, {1U << 24U | 32U}), u8 = builder.add("u8", 1, 0, 1, {8}),
             character = builder.add("char", 1, 0, 1, {1U << 24U | 8U}),
             u16 = builder.add("u16", 1, 0, 2, {16});
  const auto mode = builder.add("mode", 6, 2, 4, {builder.string("IDLE"), 0, builder.string("BUSY"), 1});
  const auto text = builder.add("", 3, 0, 0, {character, s32, 3}),
             waits = builder.add("", 3, 0, 0, {u16, s32, 2}), pointer = builder.add("", 2, 0, s32),
             alias = builder.add("delta_t", 8, 0, s32);
  const auto member = [&](const char* name, std::uint32_t type, std::uint32_t bits, std::uint32_t size = 0) {
    return std::vector<std::uint32_t>{builder.string(name), type, size << 24U | bits};
  };
  std::vector<std::uint32_t> members;
  for (const auto& one : {member("delta", alias, 0), member("low", u8, 32, 3), member("high", u8, 35, 3),
                          member("name", text, 40), member("mode", mode, 64), member("waits", waits, 96),
                          member("next", pointer, 128)})
    members.insert(members.end(), one.begin(), one.end());
  const auto type = builder.add("value", 4, 7, sizeof(PackedValue), members, true);
  const PackedValue value;
  const std::string_view bytes(reinterpret_cast<const char*>(&value), sizeof value);
  EXPECT_THAT(shown(builder, type, bytes), ElementsAre("delta=-3", "low=5", "high=4", "name=\"ok\"",
                                                       "mode=BUSY", "waits[0]=7", "waits[1]=8", "next=0xff"));
  EXPECT_THAT(shown(builder, type, bytes.substr(0, 12)),
              ElementsAre("delta=-3", "low=5", "high=4", "name=\"ok\"", "mode=BUSY"))
      << "where the bytes end, so does the list";
  EXPECT_THAT(shown(builder, type, bytes, 2), ElementsAre("delta=-3", "low=5"));
}

TEST(BtfValue, AnEndlessTypeEnds) {
  BtfBuilder builder;
  builder.add("loop", 8, 0, 1);                                   // a typedef of itself
  builder.add("", 3, 0, 0, {2, 2, 0xffffffff});                   // an array of itself
  builder.add("nest", 4, 1, 8, {builder.string("again"), 3, 0});  // a struct in itself
  const std::string bytes(64, '\1');
  for (const std::uint32_t type : {1U, 2U, 3U, 77U, 0xffffffffU})
    EXPECT_LE(shown(builder, type, bytes).size(), 1U) << type;
}

TEST(BtfValue, AStructOfManyOfItselfEnds) {
  BtfBuilder builder;
  std::vector<std::uint32_t> members;
  for (int i = 0; i < 200; ++i) members.insert(members.end(), {0, 1, 0});
  const std::uint32_t type = builder.add("value", 4, 200, 8, members);
  EXPECT_TRUE(shown(builder, type, std::string(64, '\1')).empty());
}

TEST(BtfValue, BytesThatAreNoTypeInformationKnowNothing) {
  for (const std::string& bytes : {std::string(), std::string("\x9f\xeb"), std::string(100, '\xff')}) {
    const BtfTypes types(bytes);
    const std::vector<BtfField> fields = format_value(types, 1, std::string("\x05\0\0\0\0\0\0\0", 8), 10);
    ASSERT_EQ(fields.size(), 1U);
    EXPECT_EQ(fields[0].text, "5");
    EXPECT_EQ(format_value(types, 1, "abc", 10).at(0).text, "616263");
  }
}

}  // namespace
}  // namespace ktstr::kvm
