// SPDX-License-Identifier: Apache-2.0
#include "agent/programs.hpp"

#include <algorithm>

namespace ktstr::agent {

std::vector<std::string> with_usual_environment(std::vector<std::string> variables) {
  for (const char* ours :
       {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=dumb"}) {
    const std::string name(ours, std::string(ours).find('=') + 1);
    const auto same = [&](const std::string& other) { return other.starts_with(name); };
    if (std::none_of(variables.begin(), variables.end(), same)) variables.emplace_back(ours);
  }
  return variables;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

}  // namespace ktstr::agent
