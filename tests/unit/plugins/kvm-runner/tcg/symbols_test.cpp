// SPDX-License-Identifier: Apache-2.0
#include "tcg/symbols.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

namespace ktstr::cost {
namespace {

constexpr std::uint64_t kText = 0xffffffff81000000, kJit = 0xffffffffc0001000, kList = 0xffffffff83000000,
                        kFirst = 0xffff888000001000, kSecond = 0xffff888000002000;

/// A guest's memory of single bytes.
struct Memory {
  std::map<std::uint64_t, char> bytes;
  void put(std::uint64_t address, const void* from, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes[address + i] = static_cast<const char*>(from)[i];
  }
  void put(std::uint64_t address, std::uint64_t value) { put(address, &value, sizeof value); }
  GuestReader reader() {
    return [this](std::uint64_t address, void* to, std::size_t size) {
      for (std::size_t i = 0; i < size; ++i) {
        const auto found = bytes.find(address + i);
        if (found == bytes.end()) return false;
        static_cast<char*>(to)[i] = found->second;
      }
      return true;
    };
  }
  /// A program of the list: node at 0, start 16, end 24, name 32.
  void program(std::uint64_t entry, std::uint64_t next, std::uint64_t start, std::uint64_t end,
               const char* name) {
    char text[128] = {};
    std::strncpy(text, name, sizeof text - 1);
    put(entry, next);
    put(entry + 16, start);
    put(entry + 24, end);
    put(entry + 32, text, sizeof text);
  }
};

std::string text() {
  return "bpf ffffffff83000000 0 10 18 20\n"
         "e ffffffff81000000 entry_SYSCALL_64\n"
         "p ffffffff81000040 entry_SYSCALL_64\n"
         "f ffffffff81000100 do_syscall_64\n"
         "s ffffffff81000200 __switch_to_asm\n"
         "f ffffffff81000300 last\n";
}

const GuestReader kNothing = [](std::uint64_t, void*, std::size_t) { return false; };

std::string name_at(Symbols& symbols, std::uint64_t address, const GuestReader& read) {
  return symbols.names()[symbols.find(address, read).function];
}

TEST(Symbols, AnAddressBelongsToTheFunctionBeforeIt) {
  Symbols symbols;
  ASSERT_TRUE(symbols.parse(text()));
  const Place place = symbols.find(kText + 0x123, kNothing);
  EXPECT_EQ(symbols.names()[place.function], "do_syscall_64");
  EXPECT_EQ(place.begin, kText + 0x100);
  EXPECT_EQ(place.end, kText + 0x200);
  EXPECT_TRUE(place.starts);
  EXPECT_EQ(symbols.find(kText + 0x200, kNothing).kind, FunctionKind::kSwitches);
  EXPECT_EQ(symbols.find(kText, kNothing).kind, FunctionKind::kEntry);
}

TEST(Symbols, AFurtherPartIsTheSameFunctionButNotItsStart) {
  Symbols symbols;
  ASSERT_TRUE(symbols.parse(text()));
  const Place start = symbols.find(kText + 8, kNothing), part = symbols.find(kText + 0x48, kNothing);
  EXPECT_EQ(start.function, part.function);
  EXPECT_FALSE(part.starts);
}

TEST(Symbols, FarBehindTheLastFunctionIsNone) {
  Symbols symbols;
  ASSERT_TRUE(symbols.parse(text()));
  EXPECT_EQ(symbols.find(kText + (1 << 20), kNothing).function, kNoFunction);
  EXPECT_EQ(symbols.find(kText - 1, kNothing).function, kNoFunction);
}

TEST(Symbols, ProgramsAreFoundInTheKernelsListAsItIsNow) {
  Symbols symbols;
  ASSERT_TRUE(symbols.parse(text()));
  Memory memory;
  memory.put(kList, kFirst);
  memory.program(kFirst, kSecond, kJit, kJit + 0x40, "bpf_prog_0123456789abcdef_one");
  memory.program(kSecond, kList, kJit + 0x40, kJit + 0x80, "bpf_prog_0123456789abcdef_two");
  const GuestReader read = memory.reader();
  EXPECT_EQ(name_at(symbols, kJit + 0x3f, read), "bpf_prog_0123456789abcdef_one");
  EXPECT_EQ(name_at(symbols, kJit + 0x40, read), "bpf_prog_0123456789abcdef_two");
  EXPECT_EQ(symbols.find(kJit + 0x80, read).function, kNoFunction);
  memory.program(kFirst, kSecond, kJit, kJit + 0x40, "bpf_prog_0123456789abcdef_other");
  EXPECT_EQ(name_at(symbols, kJit, read), "bpf_prog_0123456789abcdef_other")
      << "another one was put in its place";
}

TEST(Symbols, AListThatLeadsNowhereOrInACircleEnds) {
  Symbols symbols;
  ASSERT_TRUE(symbols.parse(text()));
  Memory memory;
  memory.put(kList, kFirst);
  EXPECT_EQ(symbols.find(kJit, memory.reader()).function, kNoFunction);
  memory.program(kFirst, kFirst, 1, 2, "bpf_prog_0123456789abcdef_one");
  EXPECT_EQ(symbols.find(kJit, memory.reader()).function, kNoFunction);
}

TEST(Symbols, AProgramWhoseNameIsNoWordHasNone) {
  Symbols symbols;
  ASSERT_TRUE(symbols.parse(text()));
  Memory memory;
  memory.put(kList, kFirst);
  memory.program(kFirst, kList, kJit, kJit + 0x40, "two words\n");
  EXPECT_EQ(symbols.find(kJit, memory.reader()).function, kNoFunction);
}

TEST(Symbols, WhatIsNoTableIsRefused) {
  for (const char* wrong : {"", "nonsense", "f zz name\n", "f ffffffff81000000\n", "bpf 1 2\nf 1 a\n",
                            "f 2 second\nf 1 first\n", "f 1 one\nf 1 again\n"}) {
    Symbols symbols;
    EXPECT_FALSE(symbols.parse(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace ktstr::cost
