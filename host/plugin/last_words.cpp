// SPDX-License-Identifier: Apache-2.0
#include "plugin/last_words.hpp"

#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <ktstr/kit/text.hpp>

namespace ktstr {

std::string last_words(int fd) {
  char text[8192];
  const off_t size = ::lseek(fd, 0, SEEK_END);
  const ssize_t length =
      ::pread(fd, text, sizeof text, std::max<off_t>(0, size - static_cast<off_t>(sizeof text)));
  const std::string all(text,
                        length > 0 ? static_cast<std::size_t>(length) : 0);  // zeros where nothing was said
  const std::size_t at = all.rfind("\nktstr: ");
  if (at == std::string::npos) return {};
  std::string line = all.substr(at + 8, all.find_first_of(std::string_view("\n\0", 2), at + 1) - at - 8);
  if (line.starts_with("error: ")) line = line.substr(7);
  return printable(line);
}

std::string signal_name(int number) {
  const char* name = ::sigabbrev_np(number);
  return "SIG" + (name != nullptr ? std::string(name) : std::to_string(number));
}

}  // namespace ktstr
