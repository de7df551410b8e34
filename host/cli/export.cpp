// SPDX-License-Identifier: Apache-2.0
//
// `ktstr export --csv`: what the pool measured, for programs that read tables. Written as it is read, so
// memory does not grow with the pool.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ktstr/kit/random.hpp>
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "pool/pool.hpp"
#include "select/filter.hpp"
#include "show/csv.hpp"
#include "support/output.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;

struct ExportFlags {
  bool csv = false;
  std::string output, archive, filter;
};

/// stdout, or a file that is there as a whole or not at all. A device or a pipe is written to.
class ExportTarget {
 public:
  explicit ExportTarget(const fs::path& path) : path_(path) {}
  ~ExportTarget() {
    std::error_code ignored;
    if (!temporary_.empty()) fs::remove(temporary_, ignored);
  }
  Status open() {
    std::error_code failed;
    if (path_.empty() || names_output(path_)) return Ok{};
    const fs::file_status there = fs::status(path_, failed);
    fs::path place = path_;
    if (!fs::exists(there) || fs::is_regular_file(there))
      place = temporary_ = path_.string() + "." + kit::random_name() + ".ktstr-tmp";
    file_ = std::make_unique<std::ofstream>(place, std::ios::binary | std::ios::trunc);
    return *file_ ? Status(Ok{}) : cannot_write();
  }
  Status write(const std::string& text) {
    if (!file_) return write_out(text);
    return file_->write(text.data(), static_cast<std::streamsize>(text.size())) ? Status(Ok{})
                                                                                : cannot_write();
  }
  Status close() {
    if (!file_) return Ok{};
    file_->close();
    if (!*file_) return cannot_write();
    if (temporary_.empty()) return Ok{};
    std::error_code failed;
    fs::rename(temporary_, path_, failed);
    if (failed)
      return environment_error("cannot write " + printable(path_.string()) + ": " + failed.message());
    temporary_.clear();
    return Ok{};
  }

 private:
  Status cannot_write() const {
    return environment_error("cannot write " + printable(path_.string()) + ": " + std::strerror(errno));
  }
  fs::path path_, temporary_;
  std::unique_ptr<std::ofstream> file_;
};

Result<ExitCode> export_csv(const AppContext& context, const ExportFlags& flags) {
  PoolQuery query;
  query.archive = flags.archive;
  if (!flags.filter.empty()) {
    auto filter = Filter::parse(flags.filter, "-E");
    if (!filter) return filter.error();
    query.wanted = [filter = std::move(*filter)](const SidecarRecord& record) {
      return filter.matches(record);
    };
  }
  ExportTarget target(flags.output.empty() || flags.output == "-"
                          ? fs::path()
                          : fs::path(context.environment.cwd) / flags.output);
  if (const Status opened = target.open(); !opened) return opened.error();
  if (const Status begun = target.write(csv_header()); !begun) return begun.error();
  std::uint64_t sidecars = 0;
  const auto problems = visit_records(
      context, query, [&](const RunEntry& run, const std::string&, const SidecarRecord& record) {
        ++sidecars;
        return target.write(csv_lines(run.key, record, context.config.metrics));
      });
  if (!problems) return problems.error();
  if (const Status closed = target.close(); !closed) return closed.error();
  for (const PoolProblem& problem : *problems) context.warn("left out: " + printable(problem.error.message));
  if (!flags.output.empty())
    context.inform(counted(sidecars, "sidecar", "sidecars") + " exported to " + printable(flags.output));
  return ExitCode::kFine;
}

}  // namespace

void define_export(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<ExportFlags>();
  command->add_flag("--csv", flags->csv, "a line of CSV for each metric of each sidecar (docs/stores.md)")
      ->required();
  command->add_option("-o,--output", flags->output, "file to write; default: stdout")->type_name("FILE");
  command
      ->add_option("-E,--filter", flags->filter, "only tests that this expression selects (docs/filter.md)")
      ->type_name("EXPR");
  command->add_option("--dir", flags->archive, "a folder of run directories instead of the project's own")
      ->type_name("DIR");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(
          session, {}, [&](const Config&, const AppContext& context) { return export_csv(context, *flags); });
    };
  });
}

}  // namespace ktstr
