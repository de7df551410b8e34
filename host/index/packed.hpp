// SPDX-License-Identifier: Apache-2.0
//
// Numbers and texts one after another, as the index keeps them.
#pragma once
#include <cstdint>
#include <ktstr/kit/assert.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr {

class Packer {
 public:
  void operator()(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) bytes_ += static_cast<char>(number | 0x80);
    bytes_ += static_cast<char>(number);
  }
  void operator()(std::string_view text) {
    (*this)(std::uint64_t{text.size()});
    bytes_ += text;
  }
  void operator()(const std::string& text) { (*this)(std::string_view(text)); }
  void operator()(std::int64_t number) { (*this)(static_cast<std::uint64_t>(number)); }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    (*this)(std::uint64_t{value.has_value()});
    if (value) (*this)(*value);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// The inverse. After the end of the bytes everything is empty and `good` false.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  void operator()(std::uint64_t& number) {
    number = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (rest_.empty() || shift > 63) {
        good_ = false;
        rest_ = {};
        return;
      }
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      number |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return;
    }
  }
  void operator()(std::string& text) {
    std::uint64_t size = 0;
    (*this)(size);
    if (size > rest_.size()) {
      good_ = false;
      rest_ = {};
      size = 0;
    }
    KTSTR_ASSERT(size <= rest_.size());
    text.assign(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }
  void operator()(std::int64_t& number) {
    std::uint64_t bits = 0;
    (*this)(bits);
    number = static_cast<std::int64_t>(bits);
  }
  template <typename T>
  void operator()(std::optional<T>& value) {
    std::uint64_t has = 0;
    (*this)(has);
    value.reset();
    if (has != 0) (*this)(value.emplace());
  }
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

/// For rows that repeat each other: a text that equals the one at its place in the row before is one byte.
class RepeatPacker {
 public:
  void next_row() { at_ = 0; }
  void operator()(const std::string& text) {
    KTSTR_ASSERT(at_ <= last_.size());
    if (at_ == last_.size()) last_.emplace_back();
    std::string& last = last_[at_++];
    const bool repeated = text == last;
    pack_(std::uint64_t{repeated});
    if (repeated) return;
    pack_(text);
    last = text;
  }
  template <typename Other>
  void operator()(const Other& value) {
    pack_(value);
  }
  const std::string& bytes() const { return pack_.bytes(); }

 private:
  Packer pack_;
  std::vector<std::string> last_;
  std::size_t at_ = 0;
};

/// Its inverse.
class RepeatUnpacker {
 public:
  explicit RepeatUnpacker(std::string_view bytes) : unpack_(bytes) {}
  void next_row() { at_ = 0; }
  void operator()(std::string& text) {
    KTSTR_ASSERT(at_ <= last_.size());
    if (at_ == last_.size()) last_.emplace_back();
    std::string& last = last_[at_++];
    std::uint64_t repeated = 0;
    unpack_(repeated);
    if (repeated == 0) unpack_(last);
    text = last;
  }
  template <typename Other>
  void operator()(Other& value) {
    unpack_(value);
  }
  bool good() const { return unpack_.good(); }
  bool at_end() const { return unpack_.at_end(); }

 private:
  Unpacker unpack_;
  std::vector<std::string> last_;
  std::size_t at_ = 0;
};

}  // namespace ktstr
