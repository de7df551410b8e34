// SPDX-License-Identifier: Apache-2.0
#include "kernels/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/temp_tree.hpp"
#include "images.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TempTree;

class Catalogue : public ::testing::Test {
 protected:
  fs::path image(const std::string& release) {
    return tree.write("images/" + release, fake_bzimage(release + " x"));
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    const auto list = catalogue.list();
    if (list) {
      for (const Kernel& kernel : *list) out.push_back(kernel.name + (kernel.problem.empty() ? "" : "!"));
    }
    return out;
  }
  TempTree tree;
  KernelCatalogue catalogue{tree / "cache"};
};

TEST_F(Catalogue, IsEmptyAtFirst) {
  ASSERT_TRUE(catalogue.list());
  EXPECT_TRUE(catalogue.list()->empty());
  const auto found = catalogue.find("6.18");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ExitCode::kEnvironment);
  EXPECT_EQ(found.error().message, "no kernel \"6.18\": looked in the cache " +
                                       (tree / "cache/kernels").string() +
                                       " (empty) and for a file of that name");
  EXPECT_EQ(found.error().hint, "ktstr kernel fetch 6.18");
}

TEST_F(Catalogue, AddsAndListsNewestFirst) {
  for (const char* release : {"6.9.1-cloud", "6.18.12-cloud", "6.18.2-cloud", "6.19.0-rc1"}) {
    const auto added = catalogue.add(image(release), "");
    ASSERT_TRUE(added) << added.error().message;
    EXPECT_EQ(added->name, release);
  }
  EXPECT_THAT(names(), ::testing::ElementsAre("6.19.0-rc1", "6.18.12-cloud", "6.18.2-cloud", "6.9.1-cloud"));
  EXPECT_EQ(catalogue.find("6.18")->release, "6.18.12-cloud");
  EXPECT_EQ(catalogue.find("6.18.2")->release, "6.18.2-cloud");
  EXPECT_EQ(catalogue.find("6.9.1-cloud")->image, tree / "cache/kernels/6.9.1-cloud/image");
  EXPECT_EQ(tree.read("cache/kernels/6.9.1-cloud/image"), fake_bzimage("6.9.1-cloud x"));
  std::size_t entries = 0;
  for (const auto& entry : fs::directory_iterator(tree / "cache/kernels")) entries += entry.exists() ? 1 : 0;
  EXPECT_EQ(entries, 4U);  // no scratch is left
}

TEST_F(Catalogue, KeepsWhatItKnowsOfAKernel) {
  image("6.18.12-x");
  tree.write("images/config-6.18.12-x", "\nCONFIG_SCHED_CLASS_EXT=y\n");
  ASSERT_TRUE(catalogue.add(tree / "images/6.18.12-x", "mine"));
  const auto kernel = catalogue.find("mine");
  ASSERT_TRUE(kernel);
  EXPECT_EQ(kernel->version, "6.18.12");
  EXPECT_EQ(kernel->sched_ext, true);
  const auto metadata = parse_json(tree.read("cache/kernels/mine/metadata.json"), "m");
  EXPECT_EQ(metadata->at("sha256").get_string().size(), 64U);
}

TEST_F(Catalogue, KeepsTheConfigurationBesideTheImage) {
  ASSERT_TRUE(catalogue.add(image("6.18.1-none"), ""));
  tree.write("images/config-6.18.2-own", "# x\nCONFIG_SCHED_CLASS_EXT=y\n");
  const auto added = catalogue.add(image("6.18.2-own"), "");
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(tree.read("cache/kernels/6.18.2-own/config"), "# x\nCONFIG_SCHED_CLASS_EXT=y\n");
  EXPECT_FALSE(fs::exists(tree / "cache/kernels/6.18.1-none/config"));
  tree.write("build/.config", "# y\nCONFIG_HZ=250\n");
  tree.write("build/arch/x86/boot/bzImage", fake_bzimage("6.18.3-tree x"));
  ASSERT_TRUE(catalogue.add(tree / "build", ""));
  EXPECT_EQ(tree.read("cache/kernels/6.18.3-tree/config"), "# y\nCONFIG_HZ=250\n");
}

TEST_F(Catalogue, AddingAgainReplaces) {
  ASSERT_TRUE(catalogue.add(image("6.18.1-a"), "mine"));
  ASSERT_TRUE(catalogue.add(image("6.19.1-b"), "mine"));
  EXPECT_THAT(names(), ::testing::ElementsAre("mine"));
  EXPECT_EQ(catalogue.find("mine")->release, "6.19.1-b");
}

TEST_F(Catalogue, RefusesNamesThatLeaveTheCache) {
  image("6.18.1-a");
  for (const char* name : {"../x", "a/b", ".x", "..", "a b", "x\x1b"}) {
    const auto added = catalogue.add(tree / "images/6.18.1-a", name);
    ASSERT_FALSE(added) << name;
    EXPECT_EQ(added.error().code, ExitCode::kUsage);
  }
  EXPECT_FALSE(catalogue.add(tree / "images/none", ""));
  EXPECT_FALSE(tree.exists("cache/x"));
}

TEST_F(Catalogue, ShowsDamagedEntries) {
  ASSERT_TRUE(catalogue.add(image("6.18.1-good"), ""));
  for (const char* name : {"truncated", "no-metadata", "not-json", "wrong-kind", "no-version"})
    ASSERT_TRUE(catalogue.add(image("6.19.9-bad"), name));
  tree.write("cache/kernels/truncated/image", "x");
  fs::remove(tree / "cache/kernels/no-metadata/metadata.json");
  tree.write("cache/kernels/not-json/metadata.json", "{");
  tree.write("cache/kernels/wrong-kind/metadata.json", R"({"version": 6})");
  tree.write("cache/kernels/no-version/metadata.json", R"({"size": 2048})");
  tree.write("cache/kernels/a-file", "x");
  tree.write("cache/kernels/.hidden/x", "x");
  EXPECT_THAT(names(), ::testing::ElementsAre("truncated!", "6.18.1-good", "a-file!", "no-metadata!",
                                              "no-version!", "not-json!", "wrong-kind!"));
  EXPECT_EQ(catalogue.find("6.18")->name, "6.18.1-good");
  const auto damaged = catalogue.find("truncated");
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().message,
            "the cached kernel truncated is damaged: its image is missing or has another size than when it "
            "was added");
  EXPECT_EQ(damaged.error().hint, "add it again with --name truncated, or: ktstr kernel remove truncated");
  EXPECT_EQ(catalogue.find("not-json").error().hint, "ktstr kernel remove not-json");
}

TEST_F(Catalogue, ADamagedKernelIsNamedAndNoOtherTakenInItsPlace) {
  ASSERT_TRUE(catalogue.add(image("6.18.1-good"), ""));
  ASSERT_TRUE(catalogue.add(image("6.18.2-bent"), "", "Debian linux-image-6.18.2-bent"));
  std::string bytes = tree.read("cache/kernels/6.18.2-bent/image");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);  // the size stays
  tree.write("cache/kernels/6.18.2-bent/image", bytes);
  for (const std::string& spec : {std::string("6.18"), std::string("6.18.2-bent"),
                                  (tree / "cache/kernels/6.18.2-bent/image").string()}) {
    const auto found = catalogue.find(spec);
    ASSERT_FALSE(found) << spec;
    EXPECT_EQ(found.error().message,
              "the cached kernel 6.18.2-bent is damaged: its image is not the one that was added");
    EXPECT_EQ(found.error().hint, "ktstr kernel fetch 6.18.2");
  }
  EXPECT_FALSE(catalogue.find_default());
  ASSERT_TRUE(catalogue.add(image("6.18.2-bent"), ""));  // what fetching it again comes to
  EXPECT_EQ(catalogue.find("6.18")->name, "6.18.2-bent");
}

TEST_F(Catalogue, SaysWhichOptionsTestsWillMiss) {
  image("6.18.12-x");
  tree.write("images/config-6.18.12-x", "CONFIG_SCHED_CLASS_EXT=y\nCONFIG_SMP=y\n");
  const auto added = catalogue.add(tree / "images/6.18.12-x", "mine");
  ASSERT_TRUE(added);
  EXPECT_EQ(added->config, tree / "cache/kernels/mine/config");
  EXPECT_EQ(tree.read("cache/kernels/mine/config"), tree.read("images/config-6.18.12-x"));
  ASSERT_TRUE(added->missing);
  EXPECT_THAT(*added->missing, ::testing::Contains("CONFIG_CPUSETS (cgroups with CPUs of their own)"));
  EXPECT_THAT(*added->missing, ::testing::Contains("CONFIG_BPF_SYSCALL (sched_ext)"));
  EXPECT_THAT(*added->missing, ::testing::Not(::testing::Contains(HasSubstr("CONFIG_SMP"))));
  EXPECT_EQ(catalogue.find("mine")->missing, added->missing);
  const auto unknown = catalogue.add(image("6.17.1-y"), "");
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->missing, std::nullopt);
  EXPECT_EQ(unknown->config, "");
}

TEST_F(Catalogue, RefusesATruncatedImage) {
  std::string bytes = fake_bzimage("6.18.1-a");
  bytes[0x1f1] = 1, bytes[0x1f5] = 1;  // a setup sector, and 256 units of 16 bytes
  tree.write("images/cut", bytes);
  const auto added = catalogue.add(tree / "images/cut", "");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message,
            (tree / "images/cut").string() + " is truncated: its header says 5120 bytes, it has 2048");
  EXPECT_FALSE(tree.exists("cache/kernels/6.18.1-a"));
  bytes.resize(5120);
  tree.write("images/whole", bytes);
  EXPECT_TRUE(catalogue.add(tree / "images/whole", ""));
}

TEST_F(Catalogue, ACacheThatCannotBeUsedIsNamedWithItsVariable) {
  tree.write("cache", "a file");
  const auto added = catalogue.add(image("6.18.1-a"), "");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ExitCode::kEnvironment);
  EXPECT_EQ(added.error().message,
            "cannot make the directory " + (tree / "cache/kernels").string() + ": Not a directory");
  EXPECT_THAT(added.error().hint, HasSubstr("XDG_CACHE_HOME"));
  EXPECT_THAT(
      catalogue.find("6.18").error().message,
      HasSubstr("cannot read the kernel cache " + (tree / "cache/kernels").string() + ": Not a directory"));
}

TEST_F(Catalogue, FindSuggestsAndEscapes) {
  ASSERT_TRUE(catalogue.add(image("6.18.1-a"), "mykernel"));
  fs::create_directories(tree / "cache/kernels" / "evil\x1b[2J");
  const auto found = catalogue.find("mykernle");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("did you mean \"mykernel\""));
  EXPECT_EQ(found.error().message.find('\x1b'), std::string::npos);
  EXPECT_EQ(catalogue.find("a\x1b").error().message.find('\x1b'), std::string::npos);
  EXPECT_EQ(catalogue.find("./a\x1b").error().message.find('\x1b'), std::string::npos);
}

TEST_F(Catalogue, FindsByPath) {
  const fs::path path = image("6.18.1-a");
  EXPECT_EQ(catalogue.find(path.string())->release, "6.18.1-a");
  EXPECT_THAT(catalogue.find((tree / "none").string()).error().message, HasSubstr("No such file"));
}

TEST_F(Catalogue, DefaultIsTheNewest) {
  ASSERT_TRUE(catalogue.add(image("6.3.3-c"), ""));
  ASSERT_TRUE(catalogue.add(image("6.1.1-a"), ""));
  EXPECT_EQ(catalogue.find_default()->release, "6.3.3-c");
}

TEST_F(Catalogue, RemovesWhatIsThere) {
  ASSERT_TRUE(catalogue.add(image("6.18.1-a"), "mine"));
  tree.write("cache/kernels/damaged/image", "x");
  const auto removed = catalogue.remove("mine");
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(removed->version, "6.18.1");
  EXPECT_FALSE(tree.exists("cache/kernels/mine"));
  EXPECT_TRUE(catalogue.remove("damaged"));
  const auto missing = catalogue.remove("mine");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ExitCode::kUsage);
  EXPECT_FALSE(catalogue.remove("../images"));
  EXPECT_TRUE(tree.exists("images"));
}

TEST_F(Catalogue, CleansUpAfterADeadWriter) {
  tree.write("cache/kernels/.adding-dead00/entry/image", "x");
  tree.write("cache/kernels/.adding-dead00.lock", "");
  ASSERT_TRUE(catalogue.add(image("6.18.1-a"), ""));
  EXPECT_FALSE(tree.exists("cache/kernels/.adding-dead00"));
}

TEST_F(Catalogue, FetchWantsAVersion) {
  const auto fetched = catalogue.fetch("linux-next", [](const std::string&) {});
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ExitCode::kUsage);
}

TEST_F(Catalogue, FetchOfWhatIsThereNeedsNoNetwork) {
  ASSERT_TRUE(catalogue.add(image("6.18.12-cloud"), ""));
  int notes = 0;
  const auto fetched = catalogue.fetch("6.18.12", [&](const std::string&) { ++notes; });
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->release, "6.18.12-cloud");
  EXPECT_EQ(notes, 0);
}

}  // namespace
}  // namespace ktstr
