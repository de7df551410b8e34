// SPDX-License-Identifier: Apache-2.0
#include "run_marks.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/read_file.hpp>

#include "durable_file.hpp"

namespace ktstr::fs_store {
namespace {

constexpr std::size_t kRememberedSessions = 64;
constexpr std::string_view kInputs = "inputs ";
constexpr std::string_view kSession = "session ";

constexpr std::uint64_t kMostBytes = 64 << 10;

/// Empty when there is none, or something else lies there. One that cannot be read just now is an error:
/// forgetting what it says would clear the run.
std::string read_small_file(const std::string& path) {
  auto text = kit::read_file(path, kMostBytes, O_NOFOLLOW);
  if (text) return *std::move(text);
  const kit::Failure& failure = text.error();
  if (failure.kind == kit::Failure::Kind::kSystem && failure.error != ENOENT && failure.error != ELOOP)
    throw error_of(failure);
  return {};
}

}  // namespace

bool RunMarks::knows(const std::string& session) const {
  return std::find(sessions.begin(), sessions.end(), session) != sessions.end();
}

void RunMarks::add(const std::string& session) {
  if (!session.empty() && !knows(session)) sessions.push_back(session);
  if (sessions.size() > kRememberedSessions)
    sessions.erase(sessions.begin(), sessions.end() - kRememberedSessions);
  KTSTR_ASSERT(sessions.size() <= kRememberedSessions);
}

RunMarks read_marks(const std::string& path) {
  RunMarks marks;
  const std::string text = read_small_file(path);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    if (line.starts_with(kInputs)) marks.inputs = line.substr(kInputs.size());
    if (line.starts_with(kSession)) marks.sessions.emplace_back(line.substr(kSession.size()));
    begin = end + 1;
  }
  return marks;
}

void write_marks(const std::string& directory, const std::string& name, const RunMarks& marks) {
  KTSTR_ASSERT(marks.inputs.find('\n') == std::string::npos);  // each is one line
  std::string text = std::string(kInputs) + marks.inputs + "\n";
  for (const std::string& session : marks.sessions) {
    KTSTR_ASSERT(session.find('\n') == std::string::npos);
    text += std::string(kSession) + session + "\n";
  }
  write_durably(directory, name, text);
}

}  // namespace ktstr::fs_store
