// SPDX-License-Identifier: Apache-2.0
//
// The one line at the bottom of the terminal that says what is going on. Whatever else is printed takes it
// away first, from any thread, so that no message ends up in the middle of it.
#pragma once
#include <string_view>

namespace ktstr {

/// Shows `text` instead of what was shown; as it is, so it fits the terminal and has nothing that one obeys.
void show_status_line(std::string_view text);
void clear_status_line();

namespace detail {
/// The line is gone, and does not come back, for the life of the object.
class NoStatusLine {
 public:
  NoStatusLine();
  ~NoStatusLine();
  NoStatusLine(const NoStatusLine&) = delete;
  NoStatusLine& operator=(const NoStatusLine&) = delete;
};
}  // namespace detail

/// Prints with the line taken away. `print` must not lead here again.
template <typename Print>
auto without_status_line(Print&& print) {
  const detail::NoStatusLine gone;
  return print();
}

}  // namespace ktstr
