// SPDX-License-Identifier: Apache-2.0
#include "report/report_store.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>

#include "report/reports.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kMaxReport = 256 << 20;
constexpr std::string_view kStoredSession = "stored";

std::optional<SidecarEntry> report_file(StorePort& store, const std::string& session) {
  const auto files = store.list_artifacts(session);
  if (!files) return std::nullopt;
  const auto found = std::find_if(files->begin(), files->end(),
                                  [](const SidecarEntry& file) { return file.name == kReportName; });
  return found == files->end() ? std::nullopt : std::optional(*found);
}

}  // namespace

Status keep_report(const AppContext& context, const std::string& session, const ReportDocument& document) {
  auto store = open_store(context);
  if (!store) return store.error();
  const std::string name =
      session.empty() ? std::string(kStoredSession) : session.substr(session.rfind('/') + 1);
  auto place = (*store)->begin_session(name, true);
  if (!place) return place.error();
  RunRequest request;
  request.key = (*place)->key();
  request.preclear = false;
  auto run = (*store)->begin_run(request);
  if (!run) return run.error();
  if (const Status stored = (*run)->put({kReportName, report_document_text(document), true}); !stored)
    return stored;
  if (const auto ended = (*run)->end(true); !ended) return ended.error();
  const auto removed = (*place)->end();
  return removed ? Status(Ok{}) : Status(removed.error());
}

Result<std::optional<ReportDocument>> report_of(StorePort& store, const std::string& session) {
  const auto file = report_file(store, session);
  if (!file) return std::optional<ReportDocument>();
  const auto text = store.read(session, file->name, kMaxReport, file->bytes);
  if (!text) return text.error();
  auto document = parse_report_document(*text, printable(session + "/" + file->name));
  if (!document) return document.error();
  return std::optional(std::move(*document));
}

Result<ExitCode> show_last_report(const AppContext& context, bool all_metrics) {
  auto store = open_store(context);
  if (!store) return store.error();
  const auto sessions = (*store)->list_sessions();
  if (!sessions) return sessions.error();
  std::string last;
  std::int64_t when = 0;
  for (const RunEntry& session : *sessions) {
    const auto file = report_file(**store, session.key);
    if (!file || (!last.empty() && file->mtime_ns <= when)) continue;
    last = session.key;
    when = file->mtime_ns;
  }
  if (last.empty())
    return environment_error("there is no report yet", "make one: ktstr perf-delta --base COMMIT");
  const auto document = report_of(**store, last);
  if (!document) return document.error();
  if (!*document)
    return environment_error("the report of " + printable(last) + " is gone", "see ktstr runs list");
  const std::string where = printable(last + "/" + std::string(kReportName));
  std::vector<std::unique_ptr<StoredRow>> rows;
  for (const std::string& row : (*document)->rows) {
    auto read = StoredRow::parse(row, where + ": rows[" + std::to_string(rows.size()) + "]");
    if (!read) return read.error();
    rows.push_back(std::move(*read));
  }
  auto reports = Reports::open(context, KTSTR_DOCUMENT_PERF_DELTA);
  if (!reports) return reports.error();
  context.inform("the report of " + kit::utc_timestamp(when / 1'000'000'000) + ", kept in " +
                 printable(last));
  (*reports)->begin((*document)->begin_json, (*document)->flags | (all_metrics ? KTSTR_REPORT_ALL : 0U));
  for (const auto& row : rows) (*reports)->row(row->row());
  const auto code = static_cast<ExitCode>((*document)->exit_code);
  (*reports)->end(code, (*document)->end_json);
  return (*reports)->failure() ? worse(code, ExitCode::kPlugin) : code;
}

}  // namespace ktstr
