// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/runner.h>

#include <chrono>
#include <ktstr/cpp/plugin.hpp>
#include <limits>

namespace ktstr::sdk {

/// How a test ended, as ktstr_test_end.
struct TestEnd {
  std::string_view test;
  std::uint32_t outcome = KTSTR_TEST_ERROR;
  std::chrono::nanoseconds duration{};
  std::string_view message = {}, sidecar = {};
  std::uint32_t attempt = 1;
};

/// An artifact that is being written; false: the host does not take it, and has told so.
class Artifact {
 public:
  bool write(std::string_view bytes) const {
    return out_.write != nullptr && out_.write(out_.ctx, bytes.data(), bytes.size()) == KTSTR_OK;
  }

 private:
  friend class RunEvents;
  ktstr_writer out_{sizeof(ktstr_writer), 0, nullptr, nullptr};
};

/// The host's side of a run. Copyable, usable from any thread until `run` returns.
class RunEvents {
 public:
  explicit RunEvents(const ktstr_run_events* events) : events_(events) {}
  void started(std::string_view test) const { events_->started(events_->ctx, str(test)); }
  /// `done`: 0 to 1; NaN: not known.
  void progress(std::string_view test, std::string_view text,
                double done = std::numeric_limits<double>::quiet_NaN()) const {
    const ktstr_progress news = {sizeof news, 0, str(test), str(text), done};
    events_->progress(events_->ctx, &news);
  }
  /// `flags`: KTSTR_ARTIFACT_*.
  Artifact artifact(std::string_view test, std::string_view name, std::string_view type,
                    std::uint32_t flags = 0) const {
    const ktstr_artifact wanted = {sizeof wanted, flags, str(test), str(name), str(type)};
    Artifact opened;
    if (events_->artifact(events_->ctx, &wanted, &opened.out_) != KTSTR_OK) opened.out_.write = nullptr;
    return opened;
  }
  bool finished(const TestEnd& end) const {
    const ktstr_test_end told = {
        sizeof told,   end.outcome,      end.attempt,      0,
        str(end.test), str(end.sidecar), str(end.message), static_cast<std::uint64_t>(end.duration.count())};
    return events_->finished(events_->ctx, &told) == KTSTR_OK;
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
  std::string demands;   ///< JSON, as ktstr_test_entry has it; empty: not told
  std::string inputs{};  ///< likewise
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
    entry.demands = str(test.demands);
    entry.inputs = str(test.inputs);
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
  virtual void shell(std::string_view /*request*/, const Writer&) {
    throw Error(KTSTR_UNSUPPORTED, "this runner has no shell");
  }
  virtual void verify(std::string_view /*request*/, const Writer&) {
    throw Error(KTSTR_UNSUPPORTED, "this runner loads no schedulers");
  }
};

/// `Capabilities`: KTSTR_RUNNER_* bits.
template <std::uint32_t Capabilities>
const ktstr_runner_v1* runner_table() noexcept {
  static const ktstr_runner_v1 table = {
      sizeof(ktstr_runner_v1),
      Capabilities,
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
      [](void* self) noexcept { static_cast<Runner*>(self)->interrupt(); },
      [](void* self, ktstr_str request, const ktstr_writer* out,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Runner*>(self)->shell(view(request), Writer(out)); });
      },
      [](void* self, ktstr_str request, const ktstr_writer* out,
         ktstr_error* error) noexcept -> ktstr_status {
        return guarded(error, [&] { static_cast<Runner*>(self)->verify(view(request), Writer(out)); });
      }};
  return &table;
}

template <typename T, std::uint32_t Capabilities = 0>
ktstr_impl runner_impl(std::string_view name, std::string_view summary,
                       std::string_view options_schema = {}) noexcept {
  return make_impl<Runner, T>(KTSTR_RUNNER_INTERFACE, runner_table<Capabilities>(), name, summary,
                              options_schema);
}

}  // namespace ktstr::sdk
