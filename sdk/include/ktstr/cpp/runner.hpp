// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/runner.h>

#include <chrono>
#include <ktstr/cpp/plugin.hpp>

namespace ktstr::sdk {

/// The host's side of a run. Copyable, usable from any thread until `run` returns.
class RunEvents {
 public:
  explicit RunEvents(const ktstr_run_events* events) : events_(events) {}
  void started(std::string_view test) const { events_->started(events_->ctx, str(test)); }
  void note(std::string_view test, std::string_view text) const {
    events_->note(events_->ctx, str(test), str(text));
  }
  /// False when the host could not store it; the host has reported that already.
  bool sidecar(std::string_view test, std::string_view json) const {
    return events_->sidecar(events_->ctx, str(test), str(json)) == KTSTR_OK;
  }
  bool failure_dump(std::string_view test, std::string_view json) const {
    return events_->failure_dump(events_->ctx, str(test), str(json)) == KTSTR_OK;
  }
  void finished(std::string_view test, std::uint32_t outcome, std::chrono::nanoseconds duration,
                std::string_view message) const {
    events_->finished(events_->ctx, str(test), outcome, static_cast<std::uint64_t>(duration.count()),
                      str(message));
  }

 private:
  const ktstr_run_events* events_;
};

/// What a runner tells of one test in `discover`.
struct TestEntry {
  std::string name, topology, scheduler, work_type, manifest;
  bool performance_mode = false;
  std::uint64_t duration_ms = 0;
  std::string test;  ///< what sidecars call it, when variants share a name; empty: `name`
  std::string program;
};

/// Where `discover` puts its tests.
class TestVisitor {
 public:
  TestVisitor(ktstr_test_visitor visit, void* ctx) : visit_(visit), ctx_(ctx) {}
  void operator()(const TestEntry& test) const {
    ktstr_test_entry entry{};
    entry.size = sizeof entry;
    entry.flags = test.performance_mode ? KTSTR_TEST_PERFORMANCE_MODE : 0U;
    entry.name = str(test.name);
    entry.topology = str(test.topology);
    entry.scheduler = str(test.scheduler);
    entry.work_type = str(test.work_type);
    entry.manifest = str(test.manifest);
    entry.duration_ms = test.duration_ms;
    entry.test = str(test.test);
    entry.program = str(test.program);
    const ktstr_status status = visit_(ctx_, &entry);
    if (status != KTSTR_OK) throw Error(status, "the walk was stopped");
  }

 private:
  ktstr_test_visitor visit_;
  void* ctx_;
};

/// Finds and runs tests; see ktstr/abi/runner.h.
class Runner {
 public:
  virtual ~Runner() = default;
  virtual void probe(std::string_view request, const Writer& out) = 0;
  virtual void discover(std::string_view request, const TestVisitor& visit) = 0;
  virtual void run(std::string_view request, const RunEvents& events) = 0;
  virtual void interrupt() noexcept = 0;
};

inline const ktstr_runner_v1* runner_table() noexcept {
  static const ktstr_runner_v1 table = {
      sizeof(ktstr_runner_v1),
      0,
      [](void* self, ktstr_str request, const ktstr_writer* out,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Runner*>(self)->probe(view(request), Writer(out)); });
      },
      [](void* self, ktstr_str request, ktstr_test_visitor visit, void* ctx,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error,
                       [&] { static_cast<Runner*>(self)->discover(view(request), TestVisitor(visit, ctx)); });
      },
      [](void* self, ktstr_str request, const ktstr_run_events* events,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Runner*>(self)->run(view(request), RunEvents(events)); });
      },
      [](void* self) noexcept { static_cast<Runner*>(self)->interrupt(); }};
  return &table;
}

template <typename T>
ktstr_impl runner_impl(std::string_view name, std::string_view summary,
                       std::string_view options_schema = {}) noexcept {
  return make_impl<Runner, T>(KTSTR_RUNNER_INTERFACE, runner_table(), name, summary, options_schema);
}

}  // namespace ktstr::sdk
