// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <deque>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/mutex.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "plugin/collector.hpp"
#include "plugin/proxies.hpp"

namespace ktstr {
namespace {

/// The events table of a run; an exception of the host's stays here.
class EventsTable {
 public:
  explicit EventsTable(RunEventsPort& port) : port_(port) {
    events_.size = sizeof events_;
    events_.ctx = this;
    events_.started = [](void* ctx, ktstr_str test) noexcept {
      guard([&] {
        self(ctx).port_.started(text(test));
        return KTSTR_OK;
      });
    };
    events_.progress = [](void* ctx, const ktstr_progress* told) noexcept {
      guard([&] {
        if (KTSTR_HAS(ktstr_progress, told, done))
          self(ctx).port_.progress(text(told->test), text(told->text), told->done);
        return KTSTR_OK;
      });
    };
    events_.artifact = [](void* ctx, const ktstr_artifact* wanted, ktstr_writer* out) noexcept {
      return guard([&] { return self(ctx).open(*wanted, *out); });
    };
    events_.finished = [](void* ctx, const ktstr_test_end* end) noexcept {
      return guard([&] { return self(ctx).finish(*end); });
    };
  }
  const ktstr_run_events* table() const { return &events_; }

 private:
  struct Open {
    ArtifactPort* port;
  };
  static EventsTable& self(void* ctx) { return *static_cast<EventsTable*>(ctx); }
  static std::string_view text(ktstr_str borrowed_text) {
    return borrowed_text.ptr == nullptr ? std::string_view{}
                                        : std::string_view(borrowed_text.ptr, borrowed_text.len);
  }
  /// Out of memory: the session notices that the test has no end.
  template <typename Body>
  static ktstr_status guard(Body&& body) noexcept {
    try {
      return body();
    } catch (...) {
      return KTSTR_INTERNAL;
    }
  }

  ktstr_status open(const ktstr_artifact& wanted, ktstr_writer& out) {
    if (!KTSTR_HAS(ktstr_artifact, &wanted, type) || !KTSTR_HAS(ktstr_writer, &out, write))
      return KTSTR_INVALID_ARGUMENT;
    const auto port = port_.artifact({text(wanted.test), text(wanted.name), text(wanted.type),
                                      (wanted.flags & KTSTR_ARTIFACT_FAILURE) != 0});
    if (!port) return KTSTR_INVALID_ARGUMENT;
    const kit::Lock lock(mutex_);
    out.ctx = &open_.emplace_back(Open{*port});
    out.write = [](void* ctx, const void* data, std::uint64_t len) noexcept {
      return guard([&] {
        const Status written = static_cast<Open*>(ctx)->port->write({static_cast<const char*>(data), len});
        return written ? KTSTR_OK : KTSTR_IO;
      });
    };
    return KTSTR_OK;
  }

  ktstr_status finish(const ktstr_test_end& end) {
    if (!KTSTR_HAS(ktstr_test_end, &end, duration_ns)) return KTSTR_INVALID_ARGUMENT;
    const bool known = end.outcome <= KTSTR_TEST_ERROR && end.reserved == 0;
    const Status told = port_.finished(
        {text(end.test), known ? static_cast<TestOutcome>(end.outcome) : TestOutcome::kError,
         text(end.sidecar), known ? text(end.message) : "the runner gave an outcome that does not exist",
         end.duration_ns, end.attempt});
    return told ? KTSTR_OK : KTSTR_INVALID_ARGUMENT;
  }

  RunEventsPort& port_;
  ktstr_run_events events_{};
  kit::Mutex mutex_;
  std::deque<Open> open_ KTSTR_GUARDED_BY(mutex_);
};

class RunnerProxy : public RunnerPort {
 public:
  explicit RunnerProxy(std::unique_ptr<PluginInstance> instance) : instance_(std::move(instance)) {
    KTSTR_ASSERT(instance_ != nullptr);
  }

  bool elsewhere() const override { return (table()->capabilities & KTSTR_RUNNER_ELSEWHERE) != 0; }
  Result<std::string> probe(const std::string& request) override {
    Collector bytes(1 << 20);
    const Status status = call_plugin(*instance_, "probe", [&](ktstr_error* e) {
      return table()->probe(instance_->self(), borrowed(request), bytes.writer(), e);
    });
    if (!status) return status.error();
    return bytes.take();
  }
  Result<std::vector<TestEntry>> discover(const std::string& request) override {
    std::vector<TestEntry> tests;
    const Status status = call_plugin(*instance_, "discover", [&](ktstr_error* e) {
      return table()->discover(
          instance_->self(), borrowed(request),
          [](void* ctx, const ktstr_test_entry* entry) noexcept -> ktstr_status {
            try {
              TestEntry test{owned(entry->name),
                             owned(entry->topology),
                             owned(entry->scheduler),
                             owned(entry->work_type),
                             owned(entry->manifest),
                             (entry->flags & KTSTR_TEST_PERFORMANCE_MODE) != 0,
                             entry->duration_ms,
                             {},
                             {},
                             {}};
              test.test = KTSTR_HAS(ktstr_test_entry, entry, test) ? owned(entry->test) : std::string();
              if (KTSTR_HAS(ktstr_test_entry, entry, program)) test.program = owned(entry->program);
              if (KTSTR_HAS(ktstr_test_entry, entry, demands)) test.demands = owned(entry->demands);
              if (KTSTR_HAS(ktstr_test_entry, entry, inputs)) test.inputs = owned(entry->inputs);
              if (test.test.empty()) test.test = test.name;
              static_cast<std::vector<TestEntry>*>(ctx)->push_back(std::move(test));
              return KTSTR_OK;
            } catch (...) {
              return KTSTR_INTERNAL;
            }
          },
          &tests, e);
    });
    if (!status) return status.error();
    if (const Status fine = check_names(tests); !fine) return fine.error();
    return tests;
  }
  Status run(const std::string& request, RunEventsPort& events) override {
    const EventsTable table_of_events(events);
    return call_plugin(*instance_, "run", [&](ktstr_error* e) {
      return table()->run(instance_->self(), borrowed(request), table_of_events.table(), e);
    });
  }
  void interrupt() override { table()->interrupt(instance_->self()); }
  Result<std::optional<std::string>> shell(const std::string& request) override {
    return answer("shell", KTSTR_HAS(ktstr_runner_v1, table(), shell) ? table()->shell : nullptr, request);
  }
  Result<std::optional<std::string>> verify(const std::string& request) override {
    return answer("verify", KTSTR_HAS(ktstr_runner_v1, table(), verify) ? table()->verify : nullptr, request);
  }

 private:
  using Answering = ktstr_status (*)(void*, ktstr_str, const ktstr_writer*, ktstr_error*) KTSTR_NOEXCEPT;
  Result<std::optional<std::string>> answer(const char* name, Answering function,
                                            const std::string& request) {
    const std::optional<std::string> nothing;
    if (function == nullptr) return nothing;
    Collector bytes(64 << 20);
    ktstr_status told = KTSTR_OK;
    const Status status = call_plugin(*instance_, name, [&](ktstr_error* e) {
      return told = function(instance_->self(), borrowed(request), bytes.writer(), e);
    });
    if (told == KTSTR_UNSUPPORTED) return nothing;
    if (!status) return status.error();
    return std::optional(bytes.take());
  }
  Status check_names(const std::vector<TestEntry>& tests) const {
    std::set<std::string_view> seen;
    for (const TestEntry& test : tests) {
      const bool usable =
          !test.name.empty() && test.name.find('/') == std::string::npos && printable(test.name) == test.name;
      if (!usable) {
        return plugin_error("the " + instance_->what() + " names a test \"" + printable(test.name) +
                            "\": a name is printable, not empty and has no slash");
      }
      if (!seen.insert(test.name).second) {
        return plugin_error("the " + instance_->what() + " names two tests \"" + printable(test.name) + "\"",
                            "nobody could tell their results apart: give one of them another name");
      }
    }
    return Ok{};
  }
  const ktstr_runner_v1* table() const { return instance_->table<ktstr_runner_v1>(); }
  std::unique_ptr<PluginInstance> instance_;
};

}  // namespace

std::unique_ptr<RunnerPort> runner_proxy(std::unique_ptr<PluginInstance> instance, const std::string&) {
  return std::make_unique<RunnerProxy>(std::move(instance));
}

}  // namespace ktstr
