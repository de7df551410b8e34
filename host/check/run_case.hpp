// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <ktstr/kit/fd.hpp>
#include <ktstr/kit/scratch_directory.hpp>

#include "check/bench.hpp"
#include "check/case.hpp"
#include "check/subject.hpp"
#include "support/result.hpp"

namespace ktstr {

/// One case in a process of its own, forked from this one, which has loaded no plugin. The caller has one
/// thread. Whatever the plugin does to that process ends this case alone.
class RunningCase {
 public:
  /// `row`: the implementation; null for the plugin as a whole. Both must outlive the object.
  static Result<RunningCase> start(const CheckCase& one, const CheckSubject& subject, const ManifestRow* row,
                                   std::chrono::milliseconds deadline);
  RunningCase(RunningCase&& other) noexcept;
  RunningCase& operator=(RunningCase&&) = delete;
  ~RunningCase();  ///< what is left of the case's processes is killed

  /// Waits for the end, at most until the deadline.
  CaseEnd finish();
  /// Of the case by chance that began last; the plugin may have written there too.
  std::uint64_t number() const { return mark_->number; }

 private:
  RunningCase(kit::ScratchDirectory scratch, CallMark* mark) : scratch_(std::move(scratch)), mark_(mark) {}
  CaseEnd end_of(int status, const std::string& told) const;
  std::string called() const;
  void kill_group();

  kit::ScratchDirectory scratch_;
  CallMark* mark_;
  pid_t process_ = -1;
  kit::Fd result_, output_, pidfd_;
  std::chrono::steady_clock::time_point end_{};
  std::chrono::milliseconds deadline_{};
};

}  // namespace ktstr
