// SPDX-License-Identifier: Apache-2.0
//
// Names that outlive us: hashes, run keys, file names. Other writers' files must be found by them.
#include <gtest/gtest.h>

#include "sidecar/run_key.hpp"
#include "sidecar/sidecar.hpp"
#include "sidecar/variant_hash.hpp"

namespace ktstr {
namespace {

// Vectors from independent implementations: Rust's DefaultHasher (empty input), CPython 3.11's hash() with
// PYTHONHASHSEED=0.
TEST(SipHash13, KnownVectors) {
  EXPECT_EQ(siphash13(""), 15130871412783076140ULL);
  EXPECT_EQ(siphash13("a"), 0x407448d2b89b1813ULL);
  EXPECT_EQ(siphash13("abcdefg"), 0x6db12aae9070f506ULL);
  EXPECT_EQ(siphash13("abcdefgh"), 0x3f7b849c0b8e35eaULL);
  EXPECT_EQ(siphash13("abcdefghi"), 0xf89b34a3d11eb6e5ULL);
  std::string bytes;
  for (int i = 0; i < 64; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(siphash13(bytes), 0x75e05fd5bbc870c6ULL);
}

Variant plain_variant() {
  Variant variant;
  variant.topology = "1n2l4c1t";
  variant.scheduler = "my_sched";
  variant.work_type = "SpinWait";
  return variant;
}

TEST(VariantHash, KnownVectors) {
  Variant variant = plain_variant();
  EXPECT_EQ(variant_hash(variant), "d4315f6faabee4bb");
  variant.payload = "schbench";
  variant.has_payload = true;
  variant.sysctls = {"sysctl.b=2", "sysctl.a=1"};
  variant.kargs = {"quiet", "nosmt"};
  EXPECT_EQ(variant_hash(variant), "f0c50c28b4554fd6");
}

TEST(VariantHash, DependsOnEverythingButTheOrder) {
  Variant base = plain_variant();
  base.sysctls = {"a", "b"};
  base.kargs = {"c", "d"};
  const std::string hash = variant_hash(base);
  Variant other = base;
  other.sysctls = {"b", "a"};
  other.kargs = {"d", "c"};
  EXPECT_EQ(variant_hash(other), hash);
  for (std::string Variant::*field : {&Variant::topology, &Variant::scheduler, &Variant::work_type}) {
    other = base;
    other.*field += "x";
    EXPECT_NE(variant_hash(other), hash);
  }
  other = base;
  other.sysctls = {"a"};
  other.kargs = {"b", "c", "d"};
  EXPECT_NE(variant_hash(other), hash);
}

TEST(FileNames, OfArtifactsLeadNowhereElse) {
  for (const char* good : {"trace.json.gz", "a", "x+y_z-1"}) EXPECT_TRUE(is_artifact_name(good)) << good;
  for (const char* bad :
       {"", ".", "..", ".hidden", "a/b", "../x", "a b", "a\nb", "a.ktstr.json", "a.run-manifest.json"})
    EXPECT_FALSE(is_artifact_name(bad)) << bad;
  EXPECT_FALSE(is_artifact_name(std::string(101, 'a')));
}

TEST(FileNames, AreWhatReadersLookFor) {
  EXPECT_EQ(sidecar_name("wakeups", "0123456789abcdef"), "wakeups-0123456789abcdef.ktstr.json");
  EXPECT_EQ(artifact_name("wakeups", "0123456789abcdef", "dump.json", true),
            "wakeups-0123456789abcdef.failure-dump.json");
  EXPECT_EQ(artifact_name("wakeups", "", "trace.gz", false), "wakeups.artifact-trace.gz");
  EXPECT_TRUE(is_sidecar_file("test_a.ktstr.json"));
  EXPECT_TRUE(is_sidecar_file("a.ktstr.old.json"));
  EXPECT_FALSE(is_sidecar_file("a-0123456789abcdef.failure-dump.json"));
  EXPECT_FALSE(is_sidecar_file("a.ktstr.json.tmp"));
  EXPECT_FALSE(is_sidecar_file("a.json"));
}

TEST(TestNames, CannotLeaveADirectory) {
  EXPECT_TRUE(is_test_name("wake-ups_2.p99"));
  for (const char* bad : {"", ".", "..", ".hidden", "a/b", "a\\b", "a b", "a\n", "ä", "a\x1b"})
    EXPECT_FALSE(is_test_name(bad)) << bad;
  EXPECT_FALSE(is_test_name(std::string_view("a\0b", 3)));
  EXPECT_TRUE(is_test_name(std::string(120, 'a')));
  EXPECT_FALSE(is_test_name(std::string(121, 'a')));
}

TEST(RunKey, NamesKernelAndCommit) {
  EXPECT_EQ(commit_label("9c01d2e", false), "9c01d2e");
  EXPECT_EQ(commit_label("9c01d2e", true), "9c01d2e-dirty");
  EXPECT_EQ(commit_label("", true), "");
  EXPECT_EQ(run_key("6.14.2", "9c01d2e-dirty"), "6.14.2-9c01d2e-dirty");
  EXPECT_EQ(run_key("", ""), "unknown-unknown");
  EXPECT_EQ(run_key("6.14.2", ""), "6.14.2-unknown");
}

TEST(RunKey, IsAlwaysOneFileName) {
  EXPECT_EQ(run_key("../../etc", "a/b"), "_._.._etc-a_b");
  EXPECT_EQ(run_key(".hidden", std::string_view("\0\x1b\n", 3)), "_hidden-___");
  EXPECT_LE(run_key(std::string(5000, 'k'), std::string(5000, 'c')).size(), 255U);
}

}  // namespace
}  // namespace ktstr
