// SPDX-License-Identifier: Apache-2.0
#include "farm_directory.hpp"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <ktstr/kit/directories.hpp>
#include <ktstr/kit/lock.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/sdk_error.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/write_file.hpp>

namespace ktstr::slurm {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "ktstr-farm-";
constexpr std::uint64_t kLogShown = 16U << 10U;

bool whole_number(std::string_view text, std::uint32_t& value) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() && std::to_string(value) == text;
}

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    names.push_back(it->path().filename().string());
  return names;
}

void require(const kit::Done& done) {
  if (!done)
    throw kit::sdk_error(done.error(),
                         "the runner's option \"shared_dir\" names a directory that this machine and "
                         "all nodes have under one path");
}

}  // namespace

Attempts attempts_of(const std::vector<std::string>& names, std::size_t tasks) {
  Attempts attempts;
  for (const std::string& name : names) {
    const std::size_t dot = name.find('.');
    std::uint32_t task = 0, restart = 0;
    if (dot == std::string::npos || !whole_number(name.substr(0, dot), task) ||
        !whole_number(name.substr(dot + 1), restart) || task >= tasks)
      continue;
    attempts[task].push_back(restart);
  }
  for (auto& [task, restarts] : attempts) std::sort(restarts.begin(), restarts.end());
  return attempts;
}

FarmDirectory FarmDirectory::make(const fs::path& shared, const json::object& task) {
  require(kit::make_directories(shared));
  auto made = kit::ScratchDirectory::make(shared, kPrefix);
  if (!made) require(made.error());
  FarmDirectory directory(std::move(*made));
  require(kit::make_directories(directory.path() / "out"));
  require(kit::make_directories(directory.path() / "log"));
  require(kit::replace_file(directory.path() / "task.json", to_text(json::value(task)) + "\n",
                            kit::Sync::kAndDirectory));
  return directory;
}

void FarmDirectory::sweep(const fs::path& shared, const std::function<void(const std::string&)>& cancel) {
  constexpr std::string_view kLock = ".lock";
  for (const std::string& name : names_in(shared)) {
    if (!name.starts_with(kPrefix) || !name.ends_with(kLock)) continue;
    const kit::HeldLock lock = kit::HeldLock::try_take(shared / name, O_RDWR);
    if (lock) cancel(name.substr(0, name.size() - kLock.size()));
  }
  kit::ScratchDirectory::sweep(shared, kPrefix);
}

Attempts FarmDirectory::attempts(std::size_t tasks) const {
  return attempts_of(names_in(path() / "out"), tasks);
}

fs::path FarmDirectory::attempt(std::uint32_t task, std::uint32_t restart) const {
  return path() / "out" / (std::to_string(task) + "." + std::to_string(restart));
}

std::string FarmDirectory::log_of(std::uint32_t task) const {
  return kit::read_tail(path() / "log" / std::to_string(task), kLogShown);
}

}  // namespace ktstr::slurm
