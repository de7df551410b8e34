// SPDX-License-Identifier: Apache-2.0
#include "measure/build_environment.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSourceDate = "1577836800";  // any will do; archives know no time before 1980

}  // namespace

bool lies_in(const fs::path& path, const fs::path& directory) {
  std::error_code error;
  const fs::path relative =
      fs::weakly_canonical(path, error).lexically_relative(fs::weakly_canonical(directory, error));
  return !relative.empty() && *relative.begin() != "..";
}

SideVariables side_variables(const Environment& environment, const fs::path& checkout,
                             const fs::path& project_dir) {
  SideVariables out;
  for (const auto& [name, value] : environment.build_outputs) {
    if (lies_in(project_dir / value, checkout)) continue;
    out.leaks.push_back(name + "=" + value);
    if (name == "CARGO_TARGET_DIR") {
      out.set.emplace_back(name, (project_dir / "target").string());
    } else {
      out.unset.push_back(name);
    }
  }
  if (!environment.has_source_date) out.set.emplace_back("SOURCE_DATE_EPOCH", kSourceDate);
  return out;
}

}  // namespace ktstr
