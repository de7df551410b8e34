// SPDX-License-Identifier: Apache-2.0
#include "guest/guest_pack.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest/elf_image.hpp"
#include "guest/loader_cache.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;
using samples::ElfImage;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// A cache as ldconfig writes it, with one library for some CPUs only and one for another machine in front.
std::string loader_cache(const std::string& name, const std::string& path, bool with_old_format = false) {
  std::string strings = name + '\0' + path + '\0' + "/fast" + '\0';
  std::string bytes(20, '\0');
  std::memcpy(bytes.data(), "glibc-ld.so.cache1.1", 20);
  constexpr std::uint32_t kCount = 3, kEntries = 48 + kCount * 24;
  ElfImage::append(bytes, kCount);
  ElfImage::append(bytes, static_cast<std::uint32_t>(strings.size()));
  bytes.resize(48);
  const auto entry = [&](std::uint32_t flags, std::uint32_t path_at, std::uint64_t hwcap) {
    ElfImage::append(bytes, flags);
    ElfImage::append(bytes, kEntries);
    ElfImage::append(bytes, static_cast<std::uint32_t>(kEntries + path_at));
    ElfImage::append(bytes, std::uint32_t{0});
    ElfImage::append(bytes, hwcap);
  };
  const auto path_at = static_cast<std::uint32_t>(name.size() + 1),
             fast_at = static_cast<std::uint32_t>(name.size() + path.size() + 2);
  entry(0x0303, fast_at, 1ULL << 62U);
  entry(0x0803, fast_at, 0);
  entry(0x0303, path_at, 0);
  bytes += strings;
  if (!with_old_format) return bytes;
  std::string old = "ld.so-1.7.0";
  old.resize(12);
  ElfImage::append(old, std::uint32_t{1});
  old.resize(32);  // one entry of 12 bytes, and up to the next multiple of 8
  return old + bytes;
}

/// A sysroot with a loader, and a project beside it.
class Pack : public ::testing::Test {
 protected:
  Pack() { library("usr/lib/ld.so", {}); }
  void library(const std::string& path, const ElfImage& image) const {
    directory.write("sysroot/" + path, image.bytes());
  }
  fs::path program(const std::string& name, ElfImage image) const {
    image.interpreter = "/usr/lib/ld.so";
    return directory.write("project/" + name, image.bytes());
  }
  std::vector<std::string> paths(const fs::path& file) {
    GuestPack pack{FileRoot(directory.path() / "sysroot")};
    std::vector<std::string> found;
    error = {};
    if (!pack.add(file, "/opt/ktstr/bin/x", true, "the scheduler x", error)) return {error.message};
    for (const Blob& blob : pack.files()) found.push_back(blob.path);
    return found;
  }
  samples::TemporaryDirectory directory;
  MachineError error;
};

TEST_F(Pack, FindsLibrariesOfLibraries) {
  library("lib/x86_64-linux-gnu/libc.so.6", {"", {"ld.so"}});
  library("lib/x86_64-linux-gnu/liba.so", {"", {"libb.so", "libc.so.6"}});
  library("usr/lib64/libb.so", {"", {"liba.so"}});  // a circle
  EXPECT_THAT(paths(program("x", {"", {"liba.so", "libc.so.6"}})),
              ElementsAre("/opt/ktstr/bin/x", "/usr/lib/ld.so", "/lib/x86_64-linux-gnu/liba.so",
                          "/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libb.so"));
}

TEST_F(Pack, TheRunPathOfTheOneWhoAsksCounts) {
  library("opt/a/liba.so", {"", {"libb.so"}, "", "/opt/b"});
  library("opt/b/libb.so", {"", {"libc.so"}});
  library("opt/a/libc.so", {});
  library("lib/libc.so", {});
  EXPECT_THAT(paths(program("x", {"", {"liba.so"}, "", "/opt/a"})),
              ElementsAre("/opt/ktstr/bin/x", "/usr/lib/ld.so", "/opt/a/liba.so", "/opt/b/libb.so",
                          "/lib/x86_64-linux-gnu/libc.so"));
}

TEST_F(Pack, TheRPathOfWhoeverAskedForTheAskerCountsToo) {
  library("opt/a/liba.so", {"", {"libb.so"}});
  library("opt/a/libb.so",
          {"", {"libc.so"}, "", "/nowhere"});  // with a RUNPATH of its own the program's RPATH is no help
  library("opt/a/libc.so", {});
  EXPECT_THAT(paths(program("x", {"", {"liba.so"}, "/opt/a"})),
              ElementsAre(HasSubstr("libb.so needs libc.so, which is not there")));
  library("opt/a/libb.so", {"", {"libc.so"}});
  EXPECT_EQ(paths(program("x", {"", {"liba.so"}, "/opt/a"})).size(), 5U);
}

TEST_F(Pack, OriginIsWhereTheFileLies) {
  directory.write("project/lib/libown.so", ElfImage{}.bytes());
  for (const char* origin : {"$ORIGIN/../lib", "${ORIGIN}/../lib"}) {
    EXPECT_THAT(paths(program("build/x", {"", {"libown.so"}, "", origin})),
                ElementsAre("/opt/ktstr/bin/x", "/usr/lib/ld.so", "/opt/ktstr/lib/libown.so"));
  }
  EXPECT_THAT(paths(program("build/x", {"", {"$ORIGIN/../lib/libown.so"}})),
              ElementsAre("/opt/ktstr/bin/x", "/usr/lib/ld.so", "/opt/ktstr/lib/libown.so"));
}

TEST_F(Pack, TheCacheComesBeforeTheUsualDirectories) {
  library("opt/cached/libx.so", {});
  for (const bool old : {false, true}) {
    directory.write("sysroot/etc/ld.so.cache", loader_cache("libx.so", "/opt/cached/libx.so", old));
    EXPECT_THAT(paths(program("x", {"", {"libx.so"}})),
                ElementsAre("/opt/ktstr/bin/x", "/usr/lib/ld.so", "/lib/x86_64-linux-gnu/libx.so"));
  }
  ElfImage strict{"", {"libx.so"}};
  strict.no_default_directories = true;
  EXPECT_THAT(paths(program("x", strict)), ElementsAre(HasSubstr("x needs libx.so, which is not there")));
}

TEST_F(Pack, AMissingLibraryIsNamedWithWhoNeedsItAndWhereItWasLookedFor) {
  library("opt/a/liba.so", {"", {"libgone.so.3"}, "", "/opt/b"});
  ElfImage foreign;
  foreign.machine = EM_AARCH64;
  library("opt/b/libgone.so.3", foreign);
  EXPECT_THAT(paths(program("x", {"", {"liba.so"}, "", "/opt/a"})),
              ElementsAre(AllOf(HasSubstr("the scheduler x cannot start in a guest: "),
                                HasSubstr("/sysroot/opt/a/liba.so needs libgone.so.3"),
                                HasSubstr("/sysroot/opt/b/libgone.so.3 (it is built for another machine)"),
                                HasSubstr("/sysroot/etc/ld.so.cache"))));
  EXPECT_THAT(error.hint, HasSubstr("install the library"));
}

TEST_F(Pack, NothingButLibrariesIsTaken) {
  directory.write("secret", "password");
  EXPECT_THAT(paths(program("x", {"", {(directory.path() / "secret").string()}})),
              ElementsAre(HasSubstr("is not there")));
  directory.write("sysroot/etc/secret", "password");
  EXPECT_THAT(paths(program("x", {"", {"/etc/secret"}})), ElementsAre(HasSubstr("secret (no ELF file)")));
  EXPECT_THAT(paths(program("x", {"", {"../lib/libx.so"}})), ElementsAre(HasSubstr("is not there")));
}

TEST_F(Pack, LinksOfASysrootStayInIt) {
  library("usr/lib64/libreal.so", {});
  fs::create_symlink("/usr/lib64/libreal.so", directory.path() / "sysroot/usr/lib/libx.so");
  EXPECT_EQ(paths(program("x", {"", {"libx.so"}})).size(), 3U);
  fs::create_symlink("../../../../../../../../etc/passwd", directory.path() / "sysroot/usr/lib/liby.so");
  EXPECT_THAT(paths(program("x", {"", {"liby.so"}})), ElementsAre(HasSubstr("is not there")));
}

TEST_F(Pack, MuslIsItsOwnLibrary) {
  library("lib/ld-musl-x86_64.so.1", {});
  library("lib/libelf.so.1", {});
  ElfImage image{"/lib/ld-musl-x86_64.so.1", {"libelf.so.1", "libc.so"}};
  const fs::path file = directory.write("project/x", image.bytes());
  EXPECT_THAT(paths(file), ElementsAre("/opt/ktstr/bin/x", "/lib/ld-musl-x86_64.so.1", "/lib/libelf.so.1"));
}

TEST_F(Pack, AStrangeLoaderIsReadAndNeverRun) {
  const fs::path mark = directory.path() / "mark";
  directory.write("sysroot/usr/lib/ld.so", "#!/bin/sh\ntouch " + mark.string() + '\n');
  fs::permissions(directory.path() / "sysroot/usr/lib/ld.so", fs::perms::owner_all);
  EXPECT_THAT(paths(program("x", {})), ElementsAre(HasSubstr("is no x86-64 program")));
  EXPECT_FALSE(fs::exists(mark));
  fs::remove(directory.path() / "sysroot/usr/lib/ld.so");
  EXPECT_THAT(paths(program("x", {})),
              ElementsAre(AllOf(HasSubstr("names the loader"), HasSubstr("does not exist"))));
}

TEST_F(Pack, ScriptsBringTheirInterpreter) {
  library("bin/sh", {"/usr/lib/ld.so", {}});
  EXPECT_THAT(paths(directory.write("project/x", "#! /bin/sh -e\ntrue\n")),
              ElementsAre("/opt/ktstr/bin/x", "/bin/sh", "/usr/lib/ld.so"));
  library("usr/bin/env", {"/usr/lib/ld.so", {}});
  library("usr/bin/python3", {"/usr/lib/ld.so", {}});
  for (const char* line :
       {"#!/usr/bin/env python3\n", "#!/usr/bin/env -S A=1 python3 -u\r\n", "#!/usr/bin/env -Spython3"}) {
    EXPECT_THAT(paths(directory.write("project/x", line)),
                ElementsAre("/opt/ktstr/bin/x", "/usr/bin/env", "/usr/lib/ld.so", "/usr/bin/python3"));
  }
  EXPECT_THAT(paths(directory.write("project/x", "#!/usr/bin/env perl\n")),
              ElementsAre(HasSubstr("wants perl")));
  EXPECT_THAT(paths(directory.write("project/x", "#!/bin/gone\n")),
              ElementsAre(HasSubstr("bin/gone, which does not exist")));
  EXPECT_THAT(paths(directory.write("project/x", "#!sh\n")), ElementsAre(HasSubstr("names no interpreter")));
  directory.write("sysroot/bin/loop", "#!/bin/loop2\n");
  directory.write("sysroot/bin/loop2", "#!/bin/loop\n");
  EXPECT_THAT(paths(directory.write("project/x", "#!/bin/loop\n")),
              ElementsAre("/opt/ktstr/bin/x", "/bin/loop", "/bin/loop2"));
}

TEST_F(Pack, FurtherFilesShareWhatIsThere) {
  library("lib/x86_64-linux-gnu/libc.so.6", {});
  GuestPack pack{FileRoot(directory.path() / "sysroot")};
  ASSERT_TRUE(
      pack.add(program("x", {"", {"libc.so.6"}}), "/opt/ktstr/bin/x", true, "the scheduler x", error));
  ASSERT_TRUE(pack.add(program("tool", {"", {"libc.so.6"}}), "/usr/bin/tool", false, "the file tool", error))
      << error.message;
  ASSERT_TRUE(pack.add(directory.write("project/data", "1\n"), "/etc/data", false, "the file data", error));
  EXPECT_EQ(pack.files().size(), 5U);
  EXPECT_FALSE(
      pack.add(directory.write("project/other", "2\n"), "/etc/data", false, "the file other", error));
  EXPECT_THAT(error.message, HasSubstr("needs another /etc/data"));
  for (const char* path : {"etc/x", "/etc/../x", "/etc//x", "/etc/x/", "/"}) {
    EXPECT_FALSE(pack.add(directory.path() / "project/data", path, false, "the file data", error)) << path;
  }
}

TEST(LoaderCache, SurvivesEveryDamage) {
  const std::string whole = loader_cache("libx.so", "/lib/libx.so", true);
  ASSERT_EQ(read_loader_cache(whole).at("libx.so"), "/lib/libx.so");
  for (std::size_t size = 0; size < whole.size(); ++size)
    read_loader_cache(std::string_view(whole).substr(0, size));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = '\xff';
    read_loader_cache(changed);
  }
}

}  // namespace
}  // namespace ktstr::kvm
