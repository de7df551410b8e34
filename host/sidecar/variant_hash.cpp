// SPDX-License-Identifier: Apache-2.0
#include "sidecar/variant_hash.hpp"

#include <algorithm>
#include <bit>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>

namespace ktstr {
namespace {

struct SipState {
  std::uint64_t v0 = 0x736f6d6570736575ULL, v1 = 0x646f72616e646f6dULL, v2 = 0x6c7967656e657261ULL,
                v3 = 0x7465646279746573ULL;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void word(std::uint64_t m) {
    v3 ^= m;
    round();
    v0 ^= m;
  }
};

}  // namespace

std::uint64_t siphash13(std::string_view bytes) {
  SipState state;
  std::uint64_t word = 0;
  std::size_t i = 0;
  for (; i < bytes.size(); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * (i % 8));
    if (i % 8 == 7) {
      state.word(word);
      word = 0;
    }
  }
  state.word(word | std::uint64_t{bytes.size() & 0xff} << 56);
  state.v2 ^= 0xff;
  for (int r = 0; r < 3; ++r) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

// The order and the separators are fixed: files of other writers carry the same hash for the same variant.
std::string variant_hash(const Variant& variant) {
  std::string bytes = variant.topology;
  bytes += '\0';
  bytes += variant.scheduler;
  bytes += '\0';
  bytes += '\xFC';
  if (variant.has_payload) bytes += variant.payload;
  bytes += '\0';
  bytes += variant.work_type;
  bytes += '\0';
  bytes += '\xFE';
  bytes += '\xFD';
  const auto add_sorted = [&](std::vector<std::string> list) {
    std::sort(list.begin(), list.end());
    for (const std::string& entry : list) {
      bytes += entry;
      bytes += '\0';
    }
  };
  add_sorted(variant.sysctls);
  bytes += '\xFF';
  add_sorted(variant.kargs);
  return kit::hex64(siphash13(bytes));
}

std::string sidecar_name(const std::string& test, const std::string& hash) {
  return test + "-" + hash + ".ktstr.json";
}
std::string artifact_name(const std::string& test, const std::string& hash, std::string_view name,
                          bool failure) {
  KTSTR_ASSERT(is_artifact_name(name));  // checked where a runner names it
  return test + (hash.empty() ? "" : "-" + hash) + (failure ? ".failure-" : ".artifact-") + std::string(name);
}

bool is_artifact_name(std::string_view name) {
  const bool of_host = name.find(".ktstr.") != std::string_view::npos ||
                       name.ends_with(".run-manifest.json") || name.ends_with(".report.json");
  return !name.empty() && name.size() <= 100 && name.front() != '.' && !of_host &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                  c == '-' || c == '.' || c == '+';
         });
}

bool is_test_name(std::string_view name) {
  return !name.empty() && name.size() <= 120 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                  c == '-' || c == '.';
         });
}

}  // namespace ktstr
