// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <exception>
#include <string>
#include <utility>

namespace ktstr::kit {

/// What is wrong with text that somebody wrote: one line that names the place, what was expected and what was
/// found; the hint says what helps, or is empty. Readers throw it, since a mistake ends the reading of a
/// whole document; who asked for the document catches it.
class Mistake : public std::exception {
 public:
  explicit Mistake(std::string message, std::string hint = {})
      : message_(std::move(message)), hint_(std::move(hint)) {}
  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& message() const noexcept { return message_; }
  const std::string& hint() const noexcept { return hint_; }

 private:
  std::string message_, hint_;
};

}  // namespace ktstr::kit

namespace ktstr {  // whose own code needs no prefix
using kit::Mistake;
}  // namespace ktstr
