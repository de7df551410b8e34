// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr {

/// SipHash-1-3 with an all-zero key (Aumasson, Bernstein 2012; one compression and three finalisation
/// rounds).
std::uint64_t siphash13(std::string_view bytes);

/// What makes two runs of one test different variants. Commits, kernels, hosts and times are left out on
/// purpose.
struct Variant {
  std::string topology, scheduler, payload, work_type;
  bool has_payload = false;
  std::vector<std::string> sysctls, kargs;  ///< in any order
};

/// 16 lower-case hex digits; part of a sidecar's file name.
std::string variant_hash(const Variant& variant);

/// "TEST-HASH.ktstr.json"; beside it "TEST-HASH.artifact-NAME", and "TEST-HASH.failure-NAME" for what
/// explains a failure. Without a hash: "TEST.artifact-NAME".
std::string sidecar_name(const std::string& test, const std::string& hash);
std::string artifact_name(const std::string& test, const std::string& hash, std::string_view name,
                          bool failure);
/// Letters, digits, ".", "-", "_" and "+", at most 100, no "." first: no path leads out of a run. The endings
/// of sidecars, run manifests and reports belong to the host.
bool is_artifact_name(std::string_view name);
/// True for names that may be a test's: [A-Za-z0-9_.-]+, no leading dot, at most 120 bytes.
bool is_test_name(std::string_view name);

}  // namespace ktstr
