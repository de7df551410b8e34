// SPDX-License-Identifier: Apache-2.0
//
// Compares text with a file below tests/golden. KTSTR_BLESS=1 rewrites the files instead; the reviewer then
// sees the change as a diff.
//
//   EXPECT_TRUE(matches_golden("app/list.txt", printed));
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace ktstr::testing {

inline ::testing::AssertionResult matches_golden(const std::filesystem::path& name,
                                                 const std::string& actual) {
  const std::filesystem::path file = std::filesystem::path(KTSTR_GOLDEN_ROOT) / name;
  const char* bless = std::getenv("KTSTR_BLESS");
  if (bless != nullptr && std::string_view(bless) == "1") {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << actual;
    stream.close();
    return stream ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << "cannot write " << file;
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    return ::testing::AssertionFailure()
           << "there is no " << file << "; KTSTR_BLESS=1 makes it. The text is:\n"
           << actual;
  std::ostringstream text;
  text << stream.rdbuf();
  const std::string expected = text.str();
  if (expected == actual) return ::testing::AssertionSuccess();
  const auto [left, right] = std::mismatch(expected.begin(), expected.end(), actual.begin(), actual.end());
  const auto line = std::count(expected.begin(), left, '\n') + 1;
  const auto line_at = [](const std::string& all, std::string::const_iterator at) {
    const std::size_t offset = static_cast<std::size_t>(at - all.begin());
    const std::size_t begin = offset == 0 ? 0 : all.rfind('\n', offset - 1) + 1;  // npos + 1 is 0
    return all.substr(begin, all.find('\n', offset) - begin);
  };
  return ::testing::AssertionFailure()
         << file << ":" << line << " differs (KTSTR_BLESS=1 accepts)\n  expected: " << line_at(expected, left)
         << "\n  actual:   " << line_at(actual, right) << "\nthe whole text:\n"
         << actual;
}

}  // namespace ktstr::testing
