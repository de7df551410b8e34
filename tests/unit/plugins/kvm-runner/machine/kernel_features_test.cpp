// SPDX-License-Identifier: Apache-2.0
#include "machine/kernel_features.hpp"

#include <gtest/gtest.h>

#include "framework/temp_tree.hpp"

namespace ktstr::kvm {
namespace {

struct KernelFeatures : ::testing::Test {
  testing::TempTree tree;
  std::optional<bool> sched_ext(const std::string& image) {
    MachineEnvironment environment;
    environment.cache_dir = tree / "cache";
    return kernel_has_sched_ext(environment, tree.write("kernel/image", image));
  }
};

TEST_F(KernelFeatures, TheConfigurationBesideTheImageTells) {
  tree.write("kernel/config", "# Linux\nCONFIG_SCHED_CLASS_EXT=y\nCONFIG_HZ=250\n");
  EXPECT_EQ(sched_ext("whatever"), true);
  tree.write("kernel/config", "# Linux\n# CONFIG_SCHED_CLASS_EXT is not set\nCONFIG_HZ=250\n");
  EXPECT_EQ(sched_ext("whatever"), false);
}

TEST_F(KernelFeatures, ElseTheImageDoes) {
  EXPECT_EQ(sched_ext(std::string("\177ELF...\0sched_ext_ops\0...", 24)), true);
  EXPECT_EQ(sched_ext("\177ELF... no such thing"), false);
}

TEST_F(KernelFeatures, NobodyKnowsOfAnImageThatCannotBeRead) {
  EXPECT_EQ(sched_ext("no kernel at all"), std::nullopt);
  tree.write("kernel/config", "a configuration of something else\n");
  EXPECT_EQ(sched_ext("no kernel at all"), std::nullopt);
}

}  // namespace
}  // namespace ktstr::kvm
