// SPDX-License-Identifier: Apache-2.0
#include "machine/template_cache.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

#include "machine/files.hpp"

namespace ktstr::kvm {
namespace fs = std::filesystem;
namespace {

constexpr int kFormat = 1;

std::string hex64(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

fs::path templates_dir(const MachineEnvironment& environment) { return environment.cache_dir / "templates"; }

/// flock on a template's lock file, given up with the object.
class TemplateLock {
 public:
  TemplateLock(const fs::path& path, int mode, const std::atomic<bool>& cancel) : fd_(open_file(path)) {
    while (::flock(fd_.get(), mode | LOCK_NB) != 0) {
      if (cancel) throw Cancelled{};
      if (errno != EWOULDBLOCK && errno != EINTR) throw FileError("cannot lock " + path.string() + ": " + std::strerror(errno));
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  static Fd open_file(const fs::path& path) {
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd.open()) throw FileError("cannot open " + path.string() + ": " + std::strerror(errno));
    return fd;
  }

 private:
  Fd fd_;
};

struct Description {
  std::string id;
  std::vector<std::string> checksums;  ///< of ram0 … and, last, of the state
};

std::optional<Description> read_description(const fs::path& directory, std::size_t nodes) {
  try {
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(read_file(directory / "template.json", 1 << 20), error);
    if (error || value.at("format").to_number<int>() != kFormat) return std::nullopt;
    Description found{std::string(value.at("id").as_string()), {}};
    for (const boost::json::value& sum : value.at("checksums").as_array()) found.checksums.emplace_back(sum.as_string());
    if (found.checksums.size() != nodes + 1) return std::nullopt;
    return found;
  } catch (const std::exception&) {
    return std::nullopt;  // missing or damaged: it will be made anew
  }
}

/// Copies the files and compares their checksums; false when the template is not what its description says.
bool copy_out(const fs::path& directory, const Description& description, const MachineFiles& files, std::size_t nodes) {
  const MachineFiles source(directory);
  try {
    for (std::size_t i = 0; i < nodes; ++i) {
      if (hex64(copy_sparse(source.ram(i), files.ram(i))) != description.checksums[i]) return false;
    }
    return hex64(copy_sparse(source.state(), files.state())) == description.checksums[nodes];
  } catch (const FileError&) {
    if (!fs::exists(source.state()) || !fs::exists(source.ram(0))) return false;
    throw;  // no space in the scratch directory, for instance: not the template's fault
  }
}

void touch(const fs::path& path) { ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

std::string make_template(const MachineEnvironment& environment, const std::string& key, std::size_t nodes, const TemplateMaker& make) {
  const ScratchDirectory boot(make_owned_directory(environment.scratch));
  const MachineFiles booted(boot.path());
  make(booted);

  const fs::path parent = templates_dir(environment);
  ScratchDirectory fresh(make_owned_directory(parent));  // swept by a later process if this one dies
  const MachineFiles kept(fresh.path());
  boost::json::array checksums;
  std::string all;
  for (std::size_t i = 0; i <= nodes; ++i) {
    const bool state = i == nodes;
    const std::string sum = hex64(copy_sparse(state ? booted.state() : booted.ram(i), state ? kept.state() : kept.ram(i)));
    checksums.emplace_back(sum);
    all += sum;
  }
  const std::string id = key.substr(0, 12) + "-" + sha256_hex(all).substr(0, 8);
  write_file_atomically(fresh.path() / "template.json",
                        boost::json::serialize(boost::json::object{{"format", kFormat}, {"id", id}, {"checksums", std::move(checksums)}}));
  const fs::path place = parent / key;
  std::error_code ignored;
  fs::remove_all(place, ignored);
  if (::rename(fresh.path().c_str(), place.c_str()) != 0) throw FileError("cannot rename to " + place.string() + ": " + std::strerror(errno));
  return id;
}

}  // namespace

std::string template_key(const MachineRequest& request, const std::string& kernel_hash, const std::string& agent_hash,
                         const std::string& qemu_version) {
  std::string text = "format " + std::to_string(kFormat) + "\nkernel " + kernel_hash + "\nagent " + agent_hash + "\nqemu " + qemu_version +
                     "\nappend " + kernel_command_line(request) + "\n";
  for (const std::string& argument : machine_arguments(request)) text += argument + "\n";
  for (const std::uint64_t size : node_memory(request)) text += "node " + std::to_string(size) + "\n";
  return sha256_hex(text).substr(0, 32);
}

TemplateCopy copy_template(const MachineEnvironment& environment, const std::string& key, const MachineFiles& files, std::size_t nodes,
                           const TemplateMaker& make, const std::function<void(const std::string&)>& note, const std::atomic<bool>& cancel) {
  const fs::path parent = templates_dir(environment), place = parent / key, lock_file = parent / (key + ".lock");
  make_private_directory(parent);
  {
    const TemplateLock lock(lock_file, LOCK_SH, cancel);
    if (const auto description = read_description(place, nodes); description && copy_out(place, *description, files, nodes)) {
      touch(place);
      return {description->id, false};
    }
  }
  bool made = false;
  std::string id;
  {
    const TemplateLock lock(lock_file, LOCK_EX, cancel);
    // Another writer may have made it while we waited.
    auto description = read_description(place, nodes);
    if (description && !copy_out(place, *description, files, nodes)) {
      if (note) note("the saved guest " + description->id + " is damaged; making it anew");
      description.reset();
    }
    if (!description) {
      if (note) note("booting a guest to start others from (once per kernel and topology)");
      made = true;
      id = make_template(environment, key, nodes, make);
      description = read_description(place, nodes);
      if (!description || !copy_out(place, *description, files, nodes)) throw FileError("the template in " + place.string() + " cannot be read back");
    }
    id = description->id;
    touch(place);
  }
  if (made) evict_templates(environment);
  return {id, made};
}

void evict_templates(const MachineEnvironment& environment) {
  const fs::path parent = templates_dir(environment);
  sweep_abandoned_directories(parent);
  struct Entry {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t bytes = 0;
  };
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!it->is_directory(ignored) || it->path().filename().string().starts_with("run-")) continue;
    Entry entry{it->path(), it->last_write_time(ignored), 0};
    for (fs::directory_iterator file(it->path(), ignored), last; !ignored && file != last; file.increment(ignored)) {
      struct stat info {};
      if (::stat(file->path().c_str(), &info) == 0) entry.bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
    }
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used > b.used; });
  std::uint64_t kept = 0;
  for (const Entry& entry : entries) {
    const bool old = fs::file_time_type::clock::now() - entry.used > environment.template_max_age;
    kept += entry.bytes;
    if (!old && kept <= environment.template_budget_bytes) continue;
    const Fd lock(::open((entry.path.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock.open() || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;  // in use
    fs::remove_all(entry.path, error);
    kept -= entry.bytes;
  }
}

}  // namespace ktstr::kvm
