// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace ktstr {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

std::string bzimage(const std::string& payload) {
  std::string bytes(1024, '\0');
  bytes[0x1f1] = 1;
  bytes.replace(0x202, 4, "HdrS");
  bytes[0x206] = 0x0f, bytes[0x207] = 0x02;
  for (unsigned i = 0; i < 4; ++i) bytes[0x24c + i] = static_cast<char>(payload.size() >> (8 * i));
  return bytes + payload;
}

TEST(BuiltIn, IsOneLine) {
  EXPECT_TRUE(built_in("CONFIG_SMP=y\n", "CONFIG_SMP"));
  EXPECT_TRUE(built_in("#\nCONFIG_SMP=y", "CONFIG_SMP"));
  EXPECT_FALSE(built_in("CONFIG_SMP=m\n", "CONFIG_SMP"));
  EXPECT_FALSE(built_in("# CONFIG_SMP is not set\n", "CONFIG_SMP"));
  EXPECT_FALSE(built_in("XCONFIG_SMP=y\nCONFIG_SMP=yes\n", "CONFIG_SMP"));
  EXPECT_FALSE(built_in("", "CONFIG_SMP"));
}

TEST(MissingOptions, NamesWhatTheyAreFor) {
  const auto missing = missing_options("CONFIG_DEVMEM=y\n");
  EXPECT_THAT(missing, Contains("CONFIG_CPUSETS (cgroups with CPUs of their own)"));
  EXPECT_THAT(missing, Not(Contains(HasSubstr("CONFIG_DEVMEM "))));
  EXPECT_THAT(missing, Not(Contains(HasSubstr("sched_ext"))))
      << "a kernel without it runs tests of its own scheduler";
  EXPECT_THAT(missing_options("CONFIG_SCHED_CLASS_EXT=y\n"), Contains("CONFIG_DEBUG_INFO_BTF (sched_ext)"));
  std::string all;
  for (const std::string& option : missing_options("")) all += option.substr(0, option.find(' ')) + "=y\n";
  EXPECT_THAT(missing_options(all), IsEmpty());
}

TEST(ConfigInImage, IsFoundInEveryWrapping) {
  const std::string config = "CONFIG_IKCONFIG=y\nCONFIG_SMP=y\n";
  const std::string vmlinux = "\177ELF...IKCFG_ST is not it IKCFG_ED..." + std::string(5000, 'x') +
                              "IKCFG_ST" + gzip(config) + "IKCFG_ED" + std::string(5000, 'y');
  EXPECT_EQ(config_in_image(vmlinux), config);
  EXPECT_EQ(config_in_image(bzimage(zstd(vmlinux) + "size")), config);
  EXPECT_EQ(config_in_image(bzimage(gzip(vmlinux) + "size")), config);
}

TEST(ConfigInImage, IsNothingWhereThereIsNone) {
  EXPECT_EQ(config_in_image(""), std::nullopt);
  EXPECT_EQ(config_in_image("\177ELF no config"), std::nullopt);
  EXPECT_EQ(config_in_image("\177ELF IKCFG_ST"), std::nullopt);
  EXPECT_EQ(config_in_image("\177ELF IKCFG_ST\x1f\x8b broken IKCFG_ED"), std::nullopt);
  const std::string packed = zstd(std::string(100'000, 'x'));
  EXPECT_EQ(config_in_image(bzimage(packed.substr(0, packed.size() / 2))), std::nullopt);
  EXPECT_EQ(config_in_image(bzimage("\x1f\x8b")), std::nullopt);
  EXPECT_EQ(config_in_image(bzimage("BZh is not read")), std::nullopt);
}

}  // namespace
}  // namespace ktstr
