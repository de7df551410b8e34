// SPDX-License-Identifier: Apache-2.0
#include "report/reports.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>

#include "support/files.hpp"
#include "support/output.hpp"

namespace ktstr {
namespace {

class StdoutSink : public ReportSink {
 public:
  Status write(std::string_view bytes) override { return write_out(bytes); }
};

/// The one name of a file that is replaced, whatever links lead to it; none of a device, which takes what
/// several reporters write.
std::optional<std::string> replaced_file(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status there = std::filesystem::status(path, error);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) return std::nullopt;
  return std::filesystem::weakly_canonical(path, error).string();
}

/// Which plugins made the document. One that was stored keeps those it was made by.
std::string with_plugins(const AppContext& context, const std::string& begin_json) {
  auto begin = parse_json(begin_json, "begin");
  if (!begin || !begin->is_object()) return begin_json;
  begin->get_object().emplace("plugins", used_plugins(context));
  return to_text(*begin, 0);
}

}  // namespace

/// Collects the document; it is written in one step when it is complete.
class FileSink : public ReportSink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}
  Status write(std::string_view bytes) override {
    bytes_ += bytes;
    return Ok{};
  }
  Status commit() { return write_output(path_, bytes_); }

 private:
  std::string path_, bytes_;
};

struct Reports::Output {
  std::unique_ptr<ReporterPort> reporter;
  std::unique_ptr<ReportSink> sink;
  FileSink* file = nullptr;
  bool begun = false;  ///< no memory for what is begun with leaves it unbegun, and nobody to be ended
  bool dead = false;
};

Reports::Reports(const AppContext& context, std::uint32_t document)
    : context_(context), document_(document) {}
Reports::~Reports() {
  if (!begun_) return;
  const bool cancelled = context_.cancelled;
  end(cancelled ? ExitCode::kInterrupted : ExitCode::kPlugin, "{}",
      cancelled ? KTSTR_REPORT_CANCELLED : KTSTR_REPORT_FAILED);
}

Result<std::unique_ptr<Reports>> Reports::open(const AppContext& context, std::uint32_t document,
                                               bool all_speak) {
  std::unique_ptr<Reports> reports(new Reports(context, document));
  std::string on_stdout;
  std::map<std::string, std::string> to_file;  // reporters by the file that they replace
  for (const ReporterChoice& choice : context.config.reporters) {
    auto output = std::make_unique<Output>();
    auto reporter = context.plugins.make_reporter(choice.use, creation_of(context, choice));
    if (!reporter) return reporter.error();
    output->reporter = std::move(*reporter);
    if ((output->reporter->documents() & document) == 0 && !all_speak) continue;
    if ((output->reporter->documents() & document) == 0) {
      return usage_error(
          "the reporter \"" + printable(choice.use) + "\" does not speak this command's document",
          "see ktstr plugin list");
    }
    if (choice.out.empty() || choice.out == "-") {
      if (!on_stdout.empty()) {
        return usage_error(
            "two reporters write to stdout: " + printable(on_stdout) + " and " + printable(choice.use),
            "give one of them a file: --reporter " + printable(choice.use) + "::out=FILE");
      }
      on_stdout = choice.use;
      output->sink = std::make_unique<StdoutSink>();
    } else {
      const std::filesystem::path path = std::filesystem::path(context.environment.cwd) / choice.out;
      if (const std::string obstacle = output_obstacle(path); !obstacle.empty()) {
        return usage_error("cannot write the report " + printable(choice.out) + ": " + obstacle,
                           "out=FILE names a file in a directory that is there and may be written to");
      }
      if (const auto file = replaced_file(path)) {
        const auto [other, is_new] = to_file.try_emplace(*file, choice.use);
        if (!is_new) {
          return usage_error("two reporters write to the file " + printable(choice.out) + ": " +
                                 printable(other->second) + " and " + printable(choice.use),
                             "each replaces it whole; give one of them another name");
        }
      }
      auto sink = std::make_unique<FileSink>(path.string());
      output->file = sink.get();
      output->sink = std::move(sink);
    }
    reports->outputs_.push_back(std::move(output));
  }
  return reports;
}

void Reports::failed(Output& output, const Error& error) {
  output.dead = true;
  Error told = named(error, "reporter " + output.reporter->name());
  told.code = ExitCode::kPlugin;
  context_.warn(told.message);
  if (!failure_) failure_ = std::move(told);
}

void Reports::begin(const std::string& given_json, std::uint32_t flags,
                    const std::vector<TestEntry>& planned) {
  KTSTR_ASSERT(!begun_);
  begun_ = true;
  const std::string extra_json = with_plugins(context_, given_json);
  std::vector<ktstr_test_entry> entries;
  std::vector<const ktstr_test_entry*> tests;
  for (const TestEntry& test : planned) entries.push_back(entry_of(test));
  for (const ktstr_test_entry& entry : entries) tests.push_back(&entry);
  recorded_.begin_json = extra_json;
  recorded_.flags = flags;
  for (const auto& output : outputs_) {
    const bool terminal = output->file == nullptr;
    ktstr_report_begin begin{};
    begin.size = sizeof begin;
    begin.document = document_;
    begin.flags =
        (flags & ~KTSTR_REPORT_COLOUR) | (terminal && context_.out_colour ? KTSTR_REPORT_COLOUR : 0U);
    begin.width = terminal && context_.out_is_terminal ? context_.width : 0;
    begin.tests = tests.data();
    begin.test_count = tests.size();
    begin.extra_json = {extra_json.data(), extra_json.size()};
    output->begun = true;
    if (const Status status = output->reporter->begin(*output->sink, begin); !status)
      failed(*output, status.error());
  }
}

void Reports::row(const ktstr_report_row& row) {
  const ktstr_report_row* one = &row;
  rows({&one, 1});
}

void Reports::rows(std::span<const ktstr_report_row* const> rows) {
  KTSTR_ASSERT(begun_);
  rows_ += rows.size();
  for (const ktstr_report_row* row : rows) {
    if (row->comparison != nullptr) recorded_.rows.push_back(report_row_text(*row));
  }
  for (const auto& output : outputs_) {
    if (output->dead || rows.empty()) continue;
    if (const Status status = output->reporter->rows(rows); !status) failed(*output, status.error());
  }
}

void Reports::end(ExitCode exit_code, const std::string& extra_json, std::uint32_t status,
                  const ReportBody& body) {
  KTSTR_ASSERT(begun_);
  begun_ = false;
  recorded_.exit_code = static_cast<int>(exit_code);
  recorded_.end_json = extra_json;
  ktstr_report_end end{};
  end.size = sizeof end;
  end.exit_code = static_cast<std::int32_t>(exit_code);
  end.status = status;
  end.body_json = {body.json.data(), body.json.size()};
  end.body_text = {body.text.data(), body.text.size()};
  end.rows = rows_;
  end.extra_json = {extra_json.data(), extra_json.size()};
  for (const auto& output : outputs_) {
    if (output->dead || !output->begun) continue;
    Status told = output->reporter->end(end);
    if (told && output->file != nullptr) told = output->file->commit();
    if (!told) failed(*output, told.error());
  }
}

void Reports::fail(const Error& error) {
  KTSTR_ASSERT(!begun_);
  begin("{}", 0);
  end(error.code,
      to_text(json::object{{"verdict", "inconclusive"},
                           {"headline", "nothing was judged: " + error.message},
                           {"error", {{"message", error.message}, {"hint", error.hint}}}},
              0),
      KTSTR_REPORT_FAILED);
}

bool Reports::on_stdout() const {
  return std::any_of(outputs_.begin(), outputs_.end(),
                     [](const auto& output) { return output->file == nullptr; });
}

ktstr_test_entry entry_of(const TestEntry& test) {
  const auto borrowed = [](const std::string& text) { return ktstr_str{text.data(), text.size()}; };
  ktstr_test_entry entry{};
  entry.size = sizeof entry;
  entry.flags = test.performance_mode ? KTSTR_TEST_PERFORMANCE_MODE : 0;
  entry.name = borrowed(test.name);
  entry.topology = borrowed(test.topology);
  entry.scheduler = borrowed(test.scheduler);
  entry.work_type = borrowed(test.work_type);
  entry.manifest = borrowed(test.manifest);
  entry.duration_ms = test.duration_ms;
  entry.test = borrowed(test.test);
  entry.program = borrowed(test.program);
  entry.demands = borrowed(test.demands);
  return entry;
}

namespace {

bool chosen_by_flag(const AppContext& context) {
  const auto origin = context.config.origins.find("reporters");
  return origin != context.config.origins.end() && origin->second == "flag";
}

}  // namespace

Result<std::unique_ptr<Reports>> open_for_body(const AppContext& context, std::uint32_t document) {
  return Reports::open(context, document, chosen_by_flag(context));
}

ExitCode show_body(const AppContext& context, Reports& reports, const ReportBody& body, ExitCode code) {
  reports.begin("{}", 0);
  reports.end(code, "{}", KTSTR_REPORT_COMPLETE, body);
  if (reports.failure()) code = worse(code, ExitCode::kPlugin);
  if (reports.on_stdout() || chosen_by_flag(context)) return code;
  StdoutSink out;
  const Status printed = out.write(body.text);
  if (printed) return code;
  context.warn(printed.error().message);
  return worse(code, ExitCode::kPlugin);
}

Result<ExitCode> show_body(const AppContext& context, std::uint32_t document, const ReportBody& body) {
  const auto reports = open_for_body(context, document);
  if (!reports) return reports.error();
  return show_body(context, **reports, body, ExitCode::kFine);
}

}  // namespace ktstr
