// SPDX-License-Identifier: Apache-2.0
#include "config/first_project.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/fd.hpp>
#include <ktstr/kit/text.hpp>

#include "config/ci_files.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr const char* kConfiguration = R"({
  "$schema": SCHEMAS/ktstr.schema.json,
  // Called before tests run, such as "make"; a scheduler that it leaves behind is named in a manifest.
  "build": "",
  "tests": ["ktstr/*.json"],
}
)";

constexpr const char* kTest = R"({
  "$schema": SCHEMAS/test-manifest.schema.json,
  // Timers beside work that never sleeps, on two CPUs of one cache, with the kernel's own scheduler. Yours:
  //   "scheduler": {"name": "mine", "binary": "build/scx_mine"},
  "name": "wakeups",
  "topology": "1n1l2c1t",
  "performance_mode": true,
  "duration_ms": 1000,
  "cgroups": [
    {"name": "timers", "workers": 2, "work": {"type": "TimerLatency"}},
    {"name": "hogs", "workers": 2, "work": {"type": "SpinWait"}},
  ],
  "assert": {"not_stuck": true},
}
)";

std::string with_schemas(std::string text, const fs::path& schemas) {
  constexpr std::string_view kMark = "SCHEMAS/";
  const std::size_t at = text.find(kMark), end = text.find(',', at);
  KTSTR_ASSERT(at != std::string::npos && end != std::string::npos);
  const std::string name = text.substr(at + kMark.size(), end - at - kMark.size());
  return text.replace(at, end - at, to_text(json::value((schemas / name).string()), 0));
}

/// False when there is something of that name already, whatever it is.
Result<bool> write_new(const fs::path& file, std::string_view text) {
  if (const Status made = make_directories(file.parent_path()); !made) return made.error();
  const kit::Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!fd.open() && errno == EEXIST) return false;
  while (fd.open() && !text.empty()) {
    const ssize_t wrote = ::write(fd.get(), text.data(), text.size());
    if (wrote < 0 && errno != EINTR) break;
    text.remove_prefix(wrote < 0 ? 0 : static_cast<std::size_t>(wrote));
  }
  if (text.empty()) return true;
  return environment_error("cannot write " + printable(file.string()) + ": " + std::strerror(errno));
}

/// Results are no part of the project. False: there is such a line already.
Result<bool> ignore_results(const fs::path& file) {
  constexpr std::string_view kLine = "/target/";
  std::error_code error;
  std::string text;
  if (fs::exists(fs::symlink_status(file, error))) {
    auto old = read_file(file, 1 << 20);
    if (!old) return old.error();
    text = std::move(*old);
  }
  for (const std::string& line : split(text, '\n')) {
    const std::string_view plain = without_margins(line);
    if (plain == kLine || plain == "target" || plain == "target/" || plain == "/target") return false;
  }
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  const Status written = write_file_atomically(file, text + std::string(kLine) + "\n");
  if (!written) return written.error();
  return true;
}

}  // namespace

Result<FirstFiles> write_first_project(const FirstProject& wanted) {
  std::error_code error;
  if (const fs::path file = wanted.directory / "ktstr.json"; fs::exists(fs::symlink_status(file, error)))
    return usage_error(printable(file.string()) + " is there already: this is a project of ktstr",
                       "see what it lacks with: ktstr doctor");
  std::vector<std::pair<std::string, std::string>> files = {
      {"ktstr/wakeups.json", with_schemas(kTest, wanted.schemas)}};
  for (const CiFile& ci : ci_files())
    if (ci.system == wanted.ci) files.emplace_back(ci.name, ci.text);
  files.emplace_back("ktstr.json", with_schemas(kConfiguration, wanted.schemas));  // last: it makes a project
  FirstFiles done;
  for (const auto& [name, text] : files) {
    const auto fresh = write_new(wanted.directory / name, text);
    if (!fresh) return fresh.error();
    (*fresh ? done.written : done.left).push_back(name);
  }
  const auto ignored = ignore_results(wanted.directory / ".gitignore");
  if (!ignored) return ignored.error();
  (*ignored ? done.written : done.left).emplace_back(".gitignore");
  return done;
}

}  // namespace ktstr
