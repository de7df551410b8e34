// SPDX-License-Identifier: Apache-2.0
#include "cli/pages.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "cli/session.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kLargestPage = 4 << 20;

std::filesystem::path pages_directory() { return installation_prefix() / "share/ktstr/docs"; }

bool is_page(const std::string& name) {
  std::error_code error;
  return std::filesystem::is_regular_file(pages_directory() / (name + ".md"), error);
}

}  // namespace

std::vector<PageEntry> installed_pages() {
  const auto index = read_file(pages_directory() / "README.md", kLargestPage);
  return index ? page_index(*index) : std::vector<PageEntry>{};
}

std::string page_name(std::string word) {
  if (word.starts_with("docs/")) word.erase(0, 5);
  if (word.ends_with(".md")) word.erase(word.size() - 3);
  return word;
}

std::string page_of_command(const std::string& words) {
  std::string whole = words;
  std::replace(whole.begin(), whole.end(), ' ', '-');
  const std::string first = words.substr(0, words.find(' '));
  return is_page(whole) ? whole : is_page(first) ? first : "";
}

Result<std::string> read_page(const std::string& name) {
  auto text = read_file(pages_directory() / (name + ".md"), kLargestPage);
  if (text) return text;
  return environment_error("the page is not installed: " + printable(text.error().message),
                           "the pages are docs/ of ktstr's source tree, and come with its package");
}

}  // namespace ktstr
