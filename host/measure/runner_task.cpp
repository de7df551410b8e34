// SPDX-License-Identifier: Apache-2.0
#include "measure/runner_task.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/mutex.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/write_file.hpp>

#include "measure/artifact_file.hpp"
#include "measure/execution.hpp"
#include "measure/host_context.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kSchemaVersion = 1;
constexpr std::size_t kLargestTask = 64U << 20U;
constexpr std::chrono::seconds kBetweenNews{1};  // a shared directory is no place for more

Result<std::unique_ptr<RunnerPort>> make_runner(const AppContext& context, const RunnerTask& task) {
  Creation creation = creation_of(context, task.options_json);
  const json::value* project = task.request.if_contains("project_dir");
  if (project != nullptr && project->is_string()) creation.project_dir = std::string(project->get_string());
  return context.plugins.make_runner(task.runner, creation);
}

/// What a runner keeps, it keeps where this machine does.
json::object request_here(const AppContext& context, const RunnerTask& task) {
  json::object request = task.request;
  request["cache_dir"] = context.config.cache_dir.string();
  return request;
}

/// What the request names, and the machine that runs it may lack: said before a runner says it in its own
/// way.
Status is_all_here(const json::object& request) {
  const auto path_in = [](const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? fs::path(std::string(value->get_string())) : fs::path();
  };
  const auto lacks = [](const fs::path& path) {
    std::error_code error;
    return !path.empty() && !fs::exists(path, error);
  };
  if (const fs::path project = path_in(request, "project_dir"); lacks(project))
    return environment_error(
        "this machine has no " + printable(project.string()) + ", where the project lies",
        "every machine needs the project under one path; perf-delta's checkouts are below "
        "TMPDIR: TMPDIR=/shared/tmp ktstr perf-delta …");
  const json::value* kernel = request.if_contains("kernel");
  if (kernel == nullptr || !kernel->is_object()) return Ok{};
  if (const fs::path image = path_in(kernel->get_object(), "image"); lacks(image))
    return environment_error(
        "this machine has no " + printable(image.string()) + ", the kernel's image",
        "every machine needs it under one path: --kernel names an image, or \"cache_dir\" "
        "in the configuration of the user is a place that all have");
  return Ok{};
}

json::object failure_of(const Error& error) {
  return {{"code", static_cast<int>(error.code)}, {"message", error.message}, {"hint", error.hint}};
}

std::string answer(json::object object) { return to_text(json::value(std::move(object)), 0) + "\n"; }

/// What the runner tells of one test.
class Recorder : public RunEventsPort {
 public:
  Recorder(std::string test, fs::path directory, fs::path scratch)
      : test_(std::move(test)), directory_(std::move(directory)), scratch_(std::move(scratch)) {}

  void started(std::string_view /*test*/) override {
    const kit::Lock lock(mutex_);
    before_ = host_readings();
  }
  /// Best effort: who watches loses a line.
  void progress(std::string_view /*test*/, std::string_view text, double done) override {
    const kit::Lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (told_ && now - *told_ < kBetweenNews) return;
    told_ = now;
    const json::value part = std::isfinite(done) ? json::value(done) : json::value(nullptr);
    static_cast<void>(kit::replace_file(
        directory_ / "progress.json", answer({{"text", printable(text)}, {"done", part}}), kit::Sync::kNone));
  }
  Result<ArtifactPort*> artifact(const ArtifactRequest& request) override {
    auto file = ArtifactFile::make(scratch_, request);
    if (!file) return file.error();
    const kit::Lock lock(mutex_);
    rows_.push_back(
        json::object{{"name", request.name}, {"type", request.type}, {"failure", request.failure}});
    artifacts_.push_back(std::move(*file));
    return static_cast<ArtifactPort*>(artifacts_.back().get());
  }
  Status finished(const TestEnd& end) override {
    if (end.test != test_)
      return plugin_error("the runner reported a test that nobody asked for: " + printable(end.test));
    const kit::Lock lock(mutex_);
    end_ = {{"outcome", outcome_name(end.outcome)},
            {"attempt", end.attempt},
            {"duration_ns", end.duration_ns},
            {"message", end.message},
            {"sidecar", nullptr}};
    if (end.sidecar.empty()) return Ok{};
    auto sidecar = parse_json(end.sidecar, "the runner's sidecar");
    if (!sidecar) {
      end_["outcome"] = outcome_name(TestOutcome::kError);
      end_["message"] = sidecar.error().message;
      return sidecar.error();
    }
    end_["sidecar"] = std::move(*sidecar);
    return Ok{};
  }

  /// The document, its artifacts beside it. `ran`: how the runner returned.
  Result<json::object> result(const Status& ran, const std::string& node) {
    const kit::Lock lock(mutex_);
    json::object document{{"schema_version", kSchemaVersion}, {"test", test_}, {"node", node}};
    if (end_.empty()) {
      document["failure"] = failure_of(
          ran ? plugin_error("the runner returned and never said how the test ended") : ran.error());
      return document;
    }
    for (std::size_t i = 0; i < artifacts_.size(); ++i) {
      const fs::path file = directory_ / ("artifact-" + std::to_string(i));
      const Status copied = artifacts_[i]->read([&](std::string_view bytes) -> Status {
        const kit::Done written = kit::replace_file(file, bytes, kit::Sync::kFile);
        return written ? Status(Ok{}) : Status(to_error(written.error()));
      });
      if (!copied) return copied.error();
    }
    json::object host = host_context();
    for (const auto& reading : host_readings()) host[reading.key()] = reading.value();
    document.insert(end_.begin(), end_.end());
    document["host"] = std::move(host);
    document["host_before"] = before_;
    document["artifacts"] = rows_;
    return document;
  }

 private:
  const std::string test_;
  const fs::path directory_, scratch_;
  kit::Mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> told_ KTSTR_GUARDED_BY(mutex_);
  json::object before_ KTSTR_GUARDED_BY(mutex_), end_ KTSTR_GUARDED_BY(mutex_);
  json::array rows_ KTSTR_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<ArtifactFile>> artifacts_ KTSTR_GUARDED_BY(mutex_);
};

json::object row_of(const TestEntry& test) {
  return {{"name", test.name},           {"topology", test.topology},
          {"scheduler", test.scheduler}, {"work_type", test.work_type},
          {"manifest", test.manifest},   {"performance_mode", test.performance_mode},
          {"test", test.test},           {"duration_ms", test.duration_ms},
          {"program", test.program},     {"demands", test.demands},
          {"inputs", test.inputs}};
}

}  // namespace

Result<RunnerTask> read_runner_task(const fs::path& file) {
  const std::string what = file.empty() ? "the task" : printable(file.string());
  const auto text =
      file.empty() ? kit::read_stream(0, "stdin", kLargestTask) : kit::read_file(file, kLargestTask);
  if (!text) return to_error(text.error(), "", ExitCode::kEnvironment);
  return read_document(*text, what, {}, ExitCode::kUsage, [](const Located& document) {
    const kit::OpenObject object(document, true);
    if (object.get("schema_version").integer(0, UINT32_MAX) != kSchemaVersion)
      kit::refuse(document.place, "written by another version of ktstr",
                  "install the same ktstr here and there");
    RunnerTask task;
    task.runner = object.get("runner").text(256);
    const Located &options = object.get("options"), &request = object.get("request");
    for (const Located* part : {&options, &request}) {
      if (!part->value->is_object()) kit::wrong(part->place, "an object", *part->value);
    }
    task.options_json = to_text(*options.value, 0);
    task.request = request.value->get_object();
    return task;
  });
}

Result<std::string> discover_task(const AppContext& context, const RunnerTask& task) {
  auto runner = make_runner(context, task);
  if (!runner) return answer({{"failure", failure_of(runner.error())}});
  const auto tests = (*runner)->discover(to_text(request_here(context, task), 0));
  if (!tests) return answer({{"failure", failure_of(tests.error())}});
  json::array rows;
  for (const TestEntry& test : *tests) rows.push_back(row_of(test));
  return answer({{"tests", std::move(rows)}});
}

Result<std::string> probe_task(const AppContext& context, const RunnerTask& task) {
  auto runner = make_runner(context, task);
  if (!runner) return answer({{"failure", failure_of(runner.error())}});
  const auto checks = (*runner)->probe(to_text(request_here(context, task), 0));
  return checks ? *checks + "\n" : answer({{"failure", failure_of(checks.error())}});
}

Status run_task(const AppContext& context, const RunnerTask& task, const TaskPlace& place) {
  const json::value* tests = task.request.if_contains("tests");
  if (tests == nullptr || !tests->is_array() || place.test >= tests->get_array().size() ||
      !tests->get_array()[place.test].is_string())
    return usage_error("--test " + std::to_string(place.test) + ": the task has no such test");
  const std::string test(tests->get_array()[place.test].get_string());
  // Its parent is gone when nobody waits for the result any more.
  if (::mkdir(place.directory.c_str(), 0700) != 0)
    return environment_error("cannot make " + printable(place.directory.string()) + ": " +
                             std::strerror(errno));
  Recorder recorder(test, place.directory, context.config.cache_dir);
  auto runner = make_runner(context, task);
  Status ran = is_all_here(task.request);
  if (ran && runner) {
    json::object request = request_here(context, task);
    request["tests"] = json::array{json::value(test)};
    RunnerPort& running = **runner;
    context.on_cancel([&running] { running.interrupt(); });
    ran = running.run(to_text(request, 0), recorder);
    context.on_cancel({});
  } else if (ran) {
    ran = runner.error();
  }
  if (context.cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
  const auto document = recorder.result(ran, place.node);
  if (!document) return document.error();
  return write_file_atomically(place.directory / "result.json", answer(*document));
}

}  // namespace ktstr
