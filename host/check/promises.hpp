// SPDX-License-Identifier: Apache-2.0
//
// What every answer of a kind must be like, for named cases and for those by chance.
#pragma once
#include <ktstr/sdk.h>

#include <cstdint>
#include <string>

namespace ktstr {

/// As the host presets it.
ktstr_verdict blank_verdict();
/// Fails the case unless a host could use it.
void check_verdict(const ktstr_verdict& verdict);

/// Fails the case when control characters or broken UTF-8 of a name got into a report.
void check_report(const std::string& text);

/// Where a reporter writes to; refuses from the `good`th write on.
class ReportPaper {
 public:
  explicit ReportPaper(std::size_t good = SIZE_MAX) : good_(good) {
    writer_ = {sizeof writer_, 0, this, [](void* ctx, const void* data, std::uint64_t len) noexcept {
                 auto& self = *static_cast<ReportPaper*>(ctx);
                 ++self.writes;
                 if (self.writes > self.good_) return KTSTR_IO;
                 self.text.append(static_cast<const char*>(data), len);
                 return KTSTR_OK;
               }};
  }
  const ktstr_writer* writer() const { return &writer_; }
  std::string text;
  std::size_t writes = 0;

 private:
  ktstr_writer writer_{};
  std::size_t good_;
};

}  // namespace ktstr
