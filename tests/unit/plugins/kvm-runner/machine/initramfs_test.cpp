// SPDX-License-Identifier: Apache-2.0
#include "machine/initramfs.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace ktstr::kvm {
namespace {

struct Entry {
  unsigned long mode = 0;
  std::string data;
};

/// Reads a "newc" archive as the kernel does.
std::map<std::string, Entry> unpacked(const std::string& archive) {
  std::map<std::string, Entry> entries;
  for (std::size_t at = 0; at + 110 <= archive.size();) {
    EXPECT_EQ(archive.substr(at, 6), "070701");
    const auto field = [&](std::size_t index) {
      return std::strtoul(archive.substr(at + 6 + 8 * index, 8).c_str(), nullptr, 16);
    };
    const std::size_t name_size = field(11), data_size = field(6);
    const std::string name = archive.substr(at + 110, name_size - 1);
    const std::size_t data = (at + 110 + name_size + 3) & ~std::size_t{3};
    if (name == "TRAILER!!!") break;
    entries[name] = {field(1), archive.substr(data, data_size)};
    at = (data + data_size + 3) & ~std::size_t{3};
  }
  return entries;
}

TEST(Initramfs, HoldsTheAgentAsInitAndWhatItMountsOn) {
  const std::string agent("\177ELF agent\0with a NUL", 22);
  const auto entries = unpacked(make_initramfs(agent));
  EXPECT_EQ(entries.at("init").data, agent);
  EXPECT_EQ(entries.at("init").mode, 0100755UL);
  EXPECT_EQ(entries.at("dev/console").mode, 020600UL);
  for (const char* directory : {"dev", "proc", "sys", "tmp", "run"})
    EXPECT_EQ(entries.at(directory).mode, 040755UL);
  EXPECT_EQ(entries.size(), 7U);
}

TEST(Initramfs, IsTheSameForTheSameAgentWhateverItsLength) {
  for (std::size_t size = 0; size < 9; ++size) {
    const std::string agent(size, 'a');
    EXPECT_EQ(make_initramfs(agent), make_initramfs(agent));
    EXPECT_EQ(unpacked(make_initramfs(agent)).at("init").data, agent);
    EXPECT_EQ(make_initramfs(agent).size() % 4, 0U);
  }
}

}  // namespace
}  // namespace ktstr::kvm
