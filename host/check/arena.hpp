// SPDX-License-Identifier: Apache-2.0
//
// Memory for what a plugin is handed, so that it shows what the plugin does with it besides reading.
#pragma once
#include <ktstr/abi/base.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ktstr {

class Arena {
 public:
  enum class Mode {
    kPlain,
    kLonger,    ///< each struct is longer than today's; what follows today's fields must stay as it is
    kReadOnly,  ///< what is only to be read cannot be written during a call
    kBorrowed   ///< what was handed to a call is gone after it
  };
  explicit Arena(Mode mode = Mode::kPlain);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// A struct that the plugin reads, `size` set.
  template <typename T>
  const T* in(const T& value) {
    return add(inputs_, value);
  }
  /// A struct that the plugin fills in, `size` set.
  template <typename T>
  T* out(const T& value = {}) {
    return add(outputs_, value);
  }
  ktstr_str text(std::string_view text);
  template <typename T>
  const T* array(const std::vector<T>& values) {
    return static_cast<const T*>(bytes(inputs_, values.data(), values.size() * sizeof(T)));
  }

  void call_begins();
  void call_ends();
  /// False when bytes behind a struct were written to.
  bool intact() const;

 private:
  struct Region {
    char* start = nullptr;
    std::size_t used = 0;
  };
  static constexpr std::size_t kRegion = 4 << 20;
  static constexpr std::size_t kTail = 64;
  static constexpr unsigned char kCanary = 0xA5;

  template <typename T>
  T* add(Region& region, const T& value) {
    T* made = static_cast<T*>(bytes(region, &value, sizeof value));
    made->size = sizeof value;
    if (mode_ != Mode::kLonger) return made;
    made->size += kTail;
    guards_.push_back(static_cast<unsigned char*>(bytes(region, nullptr, kTail)));
    return made;
  }
  void* bytes(Region& region, const void* from, std::size_t count);
  Region map();

  Mode mode_;
  std::vector<char*> mapped_;  // before what is mapped
  Region inputs_, outputs_;
  std::vector<const unsigned char*> guards_;
};

}  // namespace ktstr
