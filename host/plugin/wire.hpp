// SPDX-License-Identifier: Apache-2.0
//
// What a call of an isolated plugin hands over, as bytes. Both ends are the same program, so numbers and flat
// structs go as they lie in memory, bit by bit; pointers are followed. Nothing that is read is believed.
#pragma once
#include <ktstr/sdk.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ktstr {

class WireOut {
 public:
  template <typename T>
  void raw(const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view text) {
    raw(static_cast<std::uint64_t>(text.size()));
    bytes_.append(text);
  }
  void text(ktstr_str text) {
    this->text(text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len));
  }
  /// `values` may be null, which is told apart from none.
  template <typename T>
  void array(const T* values, std::uint64_t count) {
    raw(static_cast<std::uint8_t>(values != nullptr));
    if (values == nullptr || count == 0) return;
    bytes_.append(reinterpret_cast<const char*>(values), count * sizeof(T));
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a WireOut wrote; the bytes outlive it. What is not there is zero, and `fine` false from then
/// on.
class WireIn {
 public:
  explicit WireIn(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T raw() {
    static_assert(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>);
    T value{};
    if (const char* from = next(sizeof value); from != nullptr) std::memcpy(&value, from, sizeof value);
    return value;
  }
  std::string_view text() {
    const auto length = raw<std::uint64_t>();
    const char* from = next(length);
    return from == nullptr ? std::string_view() : std::string_view(from, length);
  }
  ktstr_str str() {
    const std::string_view borrowed = text();
    return {borrowed.data(), borrowed.size()};
  }
  /// False when null was written.
  template <typename T>
  bool array(std::vector<T>& into, std::uint64_t count) {
    if (raw<std::uint8_t>() == 0) return false;
    const char* from = count > bytes_.size() ? next(SIZE_MAX) : next(count * sizeof(T));
    if (from == nullptr) return false;
    into.resize(count);
    if (count > 0) std::memcpy(into.data(), from, count * sizeof(T));
    return true;
  }
  /// Everything was there.
  bool fine() const { return fine_; }

 private:
  const char* next(std::uint64_t count) {
    fine_ = fine_ && count <= bytes_.size();
    if (!fine_) return nullptr;
    const char* at = bytes_.data();
    bytes_.remove_prefix(count);
    return at;
  }
  std::string_view bytes_;
  bool fine_ = true;
};

void put(WireOut& out, const ktstr_create_request& request);
void put(WireOut& out, const ktstr_comparison& comparison);
void put(WireOut& out, const ktstr_report_begin& begin);
void put(WireOut& out, const ktstr_report_row& row);
void put(WireOut& out, std::span<const ktstr_report_row* const> rows);
void put(WireOut& out, const ktstr_report_end& end);

/// Structs of the ABI as they were put, for as long as it and the bytes live.
class Received {
 public:
  static ktstr_create_request create_request(WireIn& in);
  const ktstr_comparison* comparison(WireIn& in);
  const ktstr_report_begin* begin(WireIn& in);
  const ktstr_report_row* row(WireIn& in);
  std::vector<const ktstr_report_row*> rows(WireIn& in);
  const ktstr_report_end* end(WireIn& in);

 private:
  const ktstr_test_entry* test(WireIn& in);
  const ktstr_samples* samples(WireIn& in);
  const ktstr_verdict* verdict(WireIn& in);

  std::deque<ktstr_comparison> comparisons_;
  std::deque<ktstr_scenario> scenarios_;
  std::deque<ktstr_history> histories_;
  std::deque<ktstr_samples> samples_;
  std::deque<std::vector<double>> values_;
  std::deque<std::vector<std::uint64_t>> counters_;
  std::deque<ktstr_test_entry> tests_;
  std::deque<std::vector<const ktstr_test_entry*>> test_lists_;
  std::deque<ktstr_verdict> verdicts_;
  std::deque<ktstr_gate_opinion> opinions_;
  std::deque<std::vector<const ktstr_gate_opinion*>> opinion_lists_;
  std::deque<ktstr_report_begin> begins_;
  std::deque<ktstr_report_row> rows_;
  std::deque<ktstr_report_end> ends_;
};

}  // namespace ktstr
