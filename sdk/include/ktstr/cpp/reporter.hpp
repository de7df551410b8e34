// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/reporter.h>

#include <ktstr/cpp/plugin.hpp>
#include <optional>

namespace ktstr::sdk {

/// Shows one document; see ktstr/abi/reporter.h.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void begin(const Writer& out, const ktstr_report_begin& begin) = 0;
  virtual void row(const Writer& out, const ktstr_report_row& row) = 0;  ///< the next one
  virtual void end(const Writer& out, const ktstr_report_end& end) = 0;

 private:
  template <std::uint32_t>
  friend const ktstr_reporter_v1* reporter_table() noexcept;
  std::optional<Writer> out_;
};

/// The C table behind a Reporter that speaks the given documents.
template <std::uint32_t Documents>
const ktstr_reporter_v1* reporter_table() noexcept {
  static const ktstr_reporter_v1 table = {
      sizeof(ktstr_reporter_v1),
      0,
      Documents,
      0,
      [](void* self, const ktstr_writer* out, const ktstr_report_begin* begin,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          auto* reporter = static_cast<Reporter*>(self);
          reporter->out_.emplace(out);
          reporter->begin(*reporter->out_, *begin);
        });
      },
      [](void* self, const ktstr_report_row* const* rows, std::uint64_t count,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          auto* reporter = static_cast<Reporter*>(self);
          if (!reporter->out_) throw Error(KTSTR_INTERNAL, "rows before begin");
          for (std::uint64_t i = 0; i < count; ++i) reporter->row(*reporter->out_, *rows[i]);
        });
      },
      [](void* self, const ktstr_report_end* end, ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] {
          auto* reporter = static_cast<Reporter*>(self);
          if (!reporter->out_) throw Error(KTSTR_INTERNAL, "end before begin");
          reporter->end(*reporter->out_, *end);
        });
      }};
  return &table;
}

template <typename T, std::uint32_t Documents>
ktstr_impl reporter_impl(std::string_view name, std::string_view summary,
                         std::string_view options_schema = {}) noexcept {
  return make_impl<Reporter, T>(KTSTR_REPORTER_INTERFACE, reporter_table<Documents>(), name, summary,
                                options_schema);
}

}  // namespace ktstr::sdk
