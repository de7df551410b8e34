// SPDX-License-Identifier: Apache-2.0
//
// The main of programs that hold the tests of many files, which compile and link in a fraction of the time
// that a program for each takes. `--file=NAME` runs those of NAME_test.cpp only, so that ctest has an entry
// for each file; what --gtest_filter (or GTEST_FILTER) leaves out stays out.
#include <gmock/gmock.h>

#include <iostream>
#include <string>
#include <string_view>

namespace {

bool is_of(const ::testing::TestInfo& test, const std::string& file) {
  return std::string_view(test.file()).ends_with("/" + file + "_test.cpp");
}

/// Full names of a file's tests, each followed by a colon.
std::string tests_of(const std::string& file) {
  std::string names;
  const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const ::testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const ::testing::TestInfo& test = *suite.GetTestInfo(j);
      if (is_of(test, file)) names += std::string(suite.name()) + "." + test.name() + ":";
    }
  }
  return names;
}

}  // namespace

int main(int argc, char** argv) {
  static constexpr std::string_view kFile = "--file=";
  ::testing::InitGoogleMock(&argc, argv);
  if (argc < 2) return RUN_ALL_TESTS();
  if (argc > 2 || !std::string_view(argv[1]).starts_with(kFile)) {
    std::cerr << argv[argc - 1] << " is not --file=NAME or an option of GoogleTest's\n";
    return 2;
  }
  const std::string file = argv[1] + kFile.size();
  const std::string names = tests_of(file);
  if (names.empty()) {  // a test that was renamed must not pass by running nothing
    std::cerr << "no test of " << file << "_test.cpp is in this program\n";
    return 2;
  }
  const std::string filter = GTEST_FLAG_GET(filter);
  GTEST_FLAG_SET(filter, filter.starts_with("-") ? names + filter : filter == "*" ? names : filter);
  return RUN_ALL_TESTS();
}
