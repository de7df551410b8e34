// SPDX-License-Identifier: Apache-2.0
//
// How C++ plugins report failure: throw ktstr::sdk::Error inside, and the thunks turn it into a status and a
// ktstr_error. Any other exception becomes KTSTR_INTERNAL. Nothing escapes.
#pragma once
#include <ktstr/abi/base.h>

#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace ktstr::sdk {

class Error : public std::exception {
 public:
  Error(ktstr_status status, std::string message, std::string hint = {})
      : status_(status), message_(std::move(message)), hint_(std::move(hint)) {}
  const char* what() const noexcept override { return message_.c_str(); }
  ktstr_status status() const noexcept { return status_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& hint() const noexcept { return hint_; }

 private:
  ktstr_status status_;
  std::string message_, hint_;
};

inline std::string_view view(ktstr_str text) noexcept {
  return text.len == 0 ? std::string_view{} : std::string_view(text.ptr, text.len);
}
inline ktstr_str str(std::string_view text) noexcept { return {text.data(), text.size()}; }

/// Copies text into a fixed, NUL-terminated field; cuts at a UTF-8 boundary.
template <std::size_t N>
void copy_text(char (&field)[N], std::string_view text) noexcept {
  std::size_t n = text.size() < N ? text.size() : N - 1;
  if (n < text.size()) {
    while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xC0U) == 0x80U) --n;
  }
  if (n > 0) std::memcpy(field, text.data(), n);
  field[n] = '\0';
}

/// The same for a sentence: one that does not fit ends in an ellipsis, so that a reader sees that there was
/// more.
template <std::size_t N>
void copy_sentence(char (&field)[N], std::string_view text) noexcept {
  constexpr std::string_view kMore = "\u2026";
  static_assert(N > kMore.size() + 1);
  if (text.size() < N) return copy_text(field, text);
  char begin[N - kMore.size()];
  copy_text(begin, text);
  const std::size_t kept = std::strlen(begin);
  std::memcpy(field, begin, kept);
  std::memcpy(field + kept, kMore.data(), kMore.size());
  field[kept + kMore.size()] = '\0';
}

inline ktstr_status fill_error(ktstr_error* error, ktstr_status status, std::string_view message,
                               std::string_view hint) noexcept {
  if (error != nullptr && KTSTR_HAS(ktstr_error, error, hint)) {
    error->code = status;
    copy_sentence(error->message, message);
    copy_sentence(error->hint, hint);
  }
  return status;
}

/// Runs `body`, which throws on failure, and answers as the ABI wants it.
template <typename Body>
ktstr_status guarded(ktstr_error* error, Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return KTSTR_OK;
  } catch (const Error& e) {
    return fill_error(error, e.status() == KTSTR_OK ? KTSTR_INTERNAL : e.status(), e.message(), e.hint());
  } catch (const std::bad_alloc&) {
    return fill_error(error, KTSTR_INTERNAL, "out of memory", "");
  } catch (const std::exception& e) {
    return fill_error(error, KTSTR_INTERNAL, e.what(), "");
  } catch (...) {
    return fill_error(error, KTSTR_INTERNAL, "an exception of unknown type", "");
  }
}

/// A caller's sink. Throws when the other side refuses.
class Writer {
 public:
  explicit Writer(const ktstr_writer* writer) : writer_(writer) {}
  void write(std::string_view bytes) const {
    const ktstr_status status = writer_->write(writer_->ctx, bytes.data(), bytes.size());
    if (status != KTSTR_OK) throw Error(status, "the output could not be written");
  }

 private:
  const ktstr_writer* writer_;
};

}  // namespace ktstr::sdk
