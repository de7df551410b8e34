// SPDX-License-Identifier: Apache-2.0
#include "plugin/proxies.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>

#include "plugin/collector.hpp"
#include "plugin/gate_view.hpp"
#include "plugin/secrets.hpp"

namespace ktstr {
namespace {

class GateProxy : public GatePort {
 public:
  GateProxy(std::unique_ptr<PluginInstance> instance, std::string name)
      : instance_(std::move(instance)), name_(std::move(name)) {
    KTSTR_ASSERT(instance_ != nullptr && !name_.empty());
  }

  const std::string& name() const override { return name_; }
  std::uint32_t min_samples() const override { return table()->min_samples; }
  std::uint32_t capabilities() const override { return table()->capabilities; }
  Result<std::vector<ktstr_verdict>> evaluate(
      const std::vector<const ktstr_comparison*>& comparisons) override {
    ktstr_verdict blank{};
    blank.size = sizeof blank;
    blank.effect_abs = blank.effect_rel = blank.statistic = blank.df = blank.p_value = blank.q_value =
        blank.ratio = blank.ci_low = blank.ci_high = blank.mde = blank.false_alarm = kit::kNaN;
    std::vector<ktstr_verdict> verdicts(comparisons.size(), blank);
    std::vector<ktstr_verdict*> out;
    for (ktstr_verdict& verdict : verdicts) out.push_back(&verdict);
    const GateView view(comparisons);
    const Status status = call_plugin(*instance_, "evaluate", [&](ktstr_error* e) {
      return table()->evaluate(instance_->self(), view.data(), out.data(), comparisons.size(), e);
    });
    if (!status) return failure(status.error());
    for (ktstr_verdict& verdict : verdicts) {
      verdict.text[sizeof verdict.text - 1] = '\0';
      if (verdict.reserved != 0)
        return plugin_error("gate " + name_ + " set a reserved field, which has no meaning yet",
                            "use another release of it");
      verdict.flags &= kKnownFlags;
      if (!std::isnan(verdict.false_alarm) && !(verdict.false_alarm >= 0 && verdict.false_alarm <= 1))
        return plugin_error("gate " + name_ + " gave a false-alarm rate that is no probability");
      if (verdict.outcome > KTSTR_INCONCLUSIVE)
        return plugin_error("gate " + name_ + " gave an outcome that does not exist (" +
                            std::to_string(verdict.outcome) + ")");
    }
    return verdicts;
  }

 private:
  static constexpr std::uint32_t kKnownFlags = KTSTR_VERDICT_SEPARATED_T | KTSTR_VERDICT_SEPARATED_BANDS |
                                               KTSTR_VERDICT_MATERIAL_ABS | KTSTR_VERDICT_MATERIAL_REL |
                                               KTSTR_VERDICT_UNDERPOWERED;

  /// The user's wish to stop is not for a gate to pass on, and what it says is told with its name.
  Error failure(Error error) const {
    if (error.code == ExitCode::kInterrupted) error.code = ExitCode::kPlugin;
    return named(std::move(error), instance_->what());
  }
  const ktstr_gate_v1* table() const { return instance_->table<ktstr_gate_v1>(); }
  std::unique_ptr<PluginInstance> instance_;
  std::string name_;
};

class ReporterProxy : public ReporterPort {
 public:
  ReporterProxy(std::unique_ptr<PluginInstance> instance, std::string name)
      : instance_(std::move(instance)), name_(std::move(name)) {
    KTSTR_ASSERT(instance_ != nullptr && !name_.empty());
    writer_.size = sizeof writer_;
    writer_.ctx = this;
    writer_.write = [](void* ctx, const void* data, std::uint64_t len) noexcept -> ktstr_status {
      auto& self = *static_cast<ReporterProxy*>(ctx);
      try {
        if (self.sink_ == nullptr) return KTSTR_INTERNAL;
        const Status status = self.sink_->write({static_cast<const char*>(data), len});
        if (status) return KTSTR_OK;
        self.sink_error_ = status.error();
        return KTSTR_IO;
      } catch (...) {
        return KTSTR_INTERNAL;
      }
    };
  }
  const std::string& name() const override { return name_; }
  std::uint32_t documents() const override { return table()->documents; }
  Status begin(ReportSink& out, const ktstr_report_begin& begin) override {
    sink_ = &out;
    return checked("begin",
                   [&](ktstr_error* e) { return table()->begin(instance_->self(), &writer_, &begin, e); });
  }
  Status rows(std::span<const ktstr_report_row* const> rows) override {
    KTSTR_ASSERT(sink_ != nullptr && !rows.empty());  // begin comes first
    return checked("rows", [&](ktstr_error* e) {
      return table()->rows(instance_->self(), rows.data(), rows.size(), e);
    });
  }
  Status end(const ktstr_report_end& end) override {
    KTSTR_ASSERT(sink_ != nullptr);
    return checked("end", [&](ktstr_error* e) { return table()->end(instance_->self(), &end, e); });
  }

 private:
  template <typename Call>
  Status checked(const char* function, Call&& call) {
    const Status status = call_plugin(*instance_, function, call);
    if (!status && !sink_error_.message.empty())
      return sink_error_;  // the real reason: a full disk, a closed pipe
    return status;
  }
  const ktstr_reporter_v1* table() const { return instance_->table<ktstr_reporter_v1>(); }
  std::unique_ptr<PluginInstance> instance_;
  std::string name_;
  ktstr_writer writer_{};
  ReportSink* sink_ = nullptr;
  Error sink_error_;
};

}  // namespace

Error error_of(ktstr_status status, ktstr_error& error, const std::string& what, ExitCode not_found) {
  KTSTR_ASSERT(status != KTSTR_OK);
  error.message[sizeof error.message - 1] = '\0';
  error.hint[sizeof error.hint - 1] = '\0';
  std::string message = printable(without_secrets(error.message));
  if (message.empty()) message = what + " failed with status " + std::to_string(status) + " and said nothing";
  ExitCode code = ExitCode::kPlugin;
  if (status == KTSTR_NOT_FOUND) code = not_found;
  if (status == KTSTR_INVALID_ARGUMENT) code = ExitCode::kUsage;
  if (status == KTSTR_UNAVAILABLE) code = ExitCode::kEnvironment;
  if (status == KTSTR_CANCELLED && was_cancelled()) code = ExitCode::kInterrupted;
  // What a person wrote or lacks is told as it is; what failed in a plugin says whose it is.
  Error told{code, std::move(message), printable(without_secrets(error.hint))};
  return code == ExitCode::kPlugin ? named(std::move(told), what) : told;
}

ktstr_create_request request_of(const Creation& creation) {
  return {sizeof(ktstr_create_request),    creation.read_only ? KTSTR_CREATE_READ_ONLY : 0U,
          borrowed(creation.options_json), borrowed(creation.project_dir),
          borrowed(creation.cache_dir),    borrowed(creation.runs_root),
          borrowed(creation.override_dir), borrowed(creation.archive_dir)};
}

Result<std::unique_ptr<PluginInstance>> PluginInstance::make(const ktstr_host* host, const ktstr_impl* impl,
                                                             std::string what, const Creation& creation) {
  const ktstr_create_request request = request_of(creation);
  ktstr_error error{};
  error.size = sizeof error;
  void* self = nullptr;
  ktstr_status status = KTSTR_OK;
  {
    const CurrentCall current(what, "create");
    status = impl->create(host, &request, &self, &error);
  }
  if (status != KTSTR_OK) return error_of(status, error, what);
  return adopt(impl, self, std::move(what), creation, CallPlace::kHere);
}

std::unique_ptr<PluginInstance> PluginInstance::adopt(const ktstr_impl* impl, void* self, std::string what,
                                                      const Creation& creation, CallPlace place) {
  return std::unique_ptr<PluginInstance>(new PluginInstance(impl, self, std::move(what), creation, place));
}

PluginInstance::~PluginInstance() {
  const CurrentCall current(what_, "destroy", place_);
  impl_->destroy(self_);
}

std::unique_ptr<GatePort> gate_proxy(std::unique_ptr<PluginInstance> instance, const std::string& name) {
  return std::make_unique<GateProxy>(std::move(instance), name);
}
std::unique_ptr<ReporterPort> reporter_proxy(std::unique_ptr<PluginInstance> instance,
                                             const std::string& name) {
  return std::make_unique<ReporterProxy>(std::move(instance), name);
}

}  // namespace ktstr
