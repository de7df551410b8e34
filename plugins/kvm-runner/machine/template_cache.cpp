// SPDX-License-Identifier: Apache-2.0
#include "machine/template_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/json_reader.hpp>
#include <ktstr/kit/lock.hpp>
#include <ktstr/kit/numbers.hpp>
#include <optional>

#include "machine/files.hpp"
#include "machine/kernel_image.hpp"
#include "machine/sealed_file.hpp"

namespace ktstr::kvm {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kFormat = 3;
constexpr const char* kLastTime = "template-seconds";

fs::path templates_dir(const MachineEnvironment& environment) { return environment.cache_dir / "templates"; }

/// A lock on a template's lock file. One that was evicted together with its template while we waited is not
/// the lock: the next file of that name is.
kit::HeldLock lock_template(const fs::path& path, kit::HeldLock::Kind kind, const std::atomic<bool>& cancel) {
  kit::HeldLock lock = kit::HeldLock::wait(path, O_RDWR | O_CREAT, kind, std::chrono::milliseconds(10),
                                           [&] { return cancel.load(); });
  if (!lock && cancel) throw Cancelled{};
  if (!lock) throw_file_error("cannot lock", path);
  return lock;
}

struct Description {
  std::string id;
  std::vector<std::string> checksums;  ///< of ram0 … and, last, of the state
};

std::optional<Description> read_description(const fs::path& directory, std::size_t nodes) {
  try {
    const SealedText kept = read_sealed(directory / "template.json");
    if (kept.state != SealedText::kWhole) return std::nullopt;
    const json::value document = kit::read_json(kept.text, "template.json");
    const OpenObject object({&document, "template.json"});
    object.get("format").integer(kFormat, kFormat);
    object.get("checksums").items(nodes + 1, nodes + 1);
    return Description{object.get("id").text(), object.get("checksums").texts()};
  } catch (const Mistake&) {
    return std::nullopt;  // of another version: it will be made anew
  }
}

enum class Copied { kYes, kMissing, kDamaged };

/// Copies one file of a template; whether it is what it was when it was made.
template <typename Copy>
bool copy_file(const fs::path& path, const OpenFile& to, const std::string& checksum, const Copy& copy) {
  const kit::Fd from(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return from.open() && kit::hex64(copy(OpenFile{from.get(), path}, to)) == checksum;
}

bool copy_memory(const MachineFiles& source, const GuestMemory& memory, const Description& description) {
  KTSTR_ASSERT(description.checksums.size() == memory.nodes() + 1);
  for (std::size_t i = 0; i < memory.nodes(); ++i) {
    std::error_code error;
    if (fs::file_size(source.ram(i), error) != memory.node_bytes()[i] || error) return false;
    if (!copy_file(source.ram(i), memory.node(i), description.checksums[i], copy_to_memory)) return false;
  }
  return true;
}

/// Copies the files and compares their checksums. `beside` is called while the memory, which is most of it,
/// is being copied.
Copied copy_out(const fs::path& directory, const MachineFiles& files, const GuestMemory& memory,
                const std::function<void()>& beside, std::string& id) {
  std::error_code error;
  if (!fs::exists(directory, error)) return Copied::kMissing;
  const std::optional<Description> description = read_description(directory, memory.nodes());
  if (!description) return Copied::kDamaged;
  const MachineFiles source(directory);
  const kit::Fd state = create_file(files.state());
  if (!copy_file(source.state(), {state.get(), files.state()}, description->checksums.back(), copy_sparse))
    return Copied::kDamaged;
  std::future<bool> copied =
      std::async(std::launch::async, [&] { return copy_memory(source, memory, *description); });
  if (beside) beside();
  if (!copied.get()) return Copied::kDamaged;
  id = description->id;
  return Copied::kYes;
}

void touch(const fs::path& path) { ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

/// Boots a guest and keeps it in the cache. The boot has memory of its own: a template that was found damaged
/// may be half copied into the caller's.
void make_template(const MachineEnvironment& environment, const std::string& key,
                   const std::vector<std::uint64_t>& node_bytes, const TemplateMaker& make) {
  const kit::ScratchDirectory boot = make_scratch_directory(environment.scratch);
  const MachineFiles booted(boot.path());
  GuestMemory memory(node_bytes);
  make(booted, memory);

  const fs::path parent = templates_dir(environment);
  const kit::ScratchDirectory fresh =
      make_scratch_directory(parent);  // swept by a later process if this one dies
  const MachineFiles kept(fresh.path());
  json::array checksums;
  std::string all;
  const auto keep = [&](const OpenFile& from, const fs::path& path) {
    const kit::Fd to = create_file(path);
    checksums.emplace_back(kit::hex64(copy_sparse(from, {to.get(), path})));
    all += checksums.back().get_string();
  };
  for (std::size_t i = 0; i < memory.nodes(); ++i) keep(memory.node(i), kept.ram(i));
  const kit::Fd state = checked(kit::open_regular(booted.state()));
  keep({state.get(), booted.state()}, kept.state());
  KTSTR_ASSERT(checksums.size() == memory.nodes() + 1);  // what read_description insists on
  const std::string id = key.substr(0, 12) + "-" + kit::sha256_of(all).substr(0, 8);
  write_sealed(
      fresh.path() / "template.json",
      to_text(json::object{{"format", kFormat}, {"id", id}, {"checksums", std::move(checksums)}}, 0));
  const fs::path place = parent / key;
  std::error_code ignored;
  fs::remove_all(place, ignored);
  if (::rename(fresh.path().c_str(), place.c_str()) != 0) throw_file_error("cannot rename to", place);
}

}  // namespace

std::string last_boot(const fs::path& cache) {
  std::ifstream file(cache / kLastTime);
  unsigned seconds = 0;
  return file >> seconds && seconds < 86'400 ? "; the last one took " + std::to_string(seconds) + " s" : "";
}

void keep_boot_time(const fs::path& cache, std::chrono::nanoseconds took) {
  std::ofstream(cache / kLastTime) << std::chrono::ceil<std::chrono::seconds>(took).count() << "\n";
}

std::string template_key(const MachineRequest& request, const std::string& kernel_hash,
                         const std::string& agent_hash, const std::string& qemu_version) {
  std::string text = "format " + std::to_string(kFormat) + "\nkernel " + kernel_hash + "\nagent " +
                     agent_hash + "\nqemu " + qemu_version + "\nappend " + kernel_command_line(request) +
                     "\n";
  for (const std::string& argument : machine_arguments(request)) text += argument + "\n";
  for (const std::uint64_t size : node_memory(request)) text += "node " + std::to_string(size) + "\n";
  return kit::sha256_of(text).substr(0, 32);
}

std::string attached_key(const std::string& key, const GuestWork& before) {
  const std::vector<std::uint64_t> nowhere(before.files.size(), 0);
  std::string text = key + "\n" + before.make_spec(nowhere) + "\n";
  for (const Blob& file : before.files)
    text += file.path + " " + std::to_string(file.mode) + " " + kit::sha256_of(file.contents) + "\n";
  return kit::sha256_of(text).substr(0, 32);
}

TemplateCopy copy_template(const MachineEnvironment& environment, const std::string& key,
                           const MachineFiles& files, GuestMemory& memory, const std::string& making,
                           const TemplateMaker& make, const std::function<void()>& beside,
                           const std::function<void(const std::string&)>& note,
                           const std::atomic<bool>& cancel) {
  const fs::path parent = templates_dir(environment), place = parent / key,
                 lock_file = parent / (key + ".lock");
  KTSTR_ASSERT(!key.empty() && key.find('/') == std::string::npos);
  make_private_directory(parent);
  std::string id;
  {
    const auto lock = lock_template(lock_file, kit::HeldLock::Kind::kShared, cancel);
    if (copy_out(place, files, memory, beside, id) == Copied::kYes) {
      touch(place);
      return {id, false};
    }
  }
  bool made = false;
  {
    const auto lock = lock_template(lock_file, kit::HeldLock::Kind::kExclusive, cancel);
    memory.clear();  // what a copy of a damaged template left must not show through the holes of the next one
    Copied copied =
        copy_out(place, files, memory, beside, id);  // another writer may have made it while we waited
    if (copied != Copied::kYes) {
      if (note && copied == Copied::kDamaged)
        note("the saved guest in " + place.string() + " is damaged; making it anew");
      if (note && copied == Copied::kMissing) note(making);
      made = true;
      make_template(environment, key, memory.node_bytes(), make);
      memory.clear();
      copied = copy_out(place, files, memory, beside, id);
      if (copied != Copied::kYes)
        throw FileError("the saved guest in " + place.string() + " cannot be read back");
    }
    touch(place);
  }
  KTSTR_ASSERT(!id.empty());
  if (made) {
    evict_templates(environment);
    evict_kernels(environment.cache_dir, environment.template_max_age);
  }
  return {id, made};
}

namespace {

struct Entry {
  fs::path path;
  fs::file_time_type used;
  std::uint64_t bytes = 0;
};

/// Saved guests and, with a size of 0, lock files without one; the last used first.
std::vector<Entry> entries_of(const fs::path& parent) {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    fs::path path = it->path();
    if (path.filename().string().starts_with(kScratchPrefix)) continue;
    if (path.extension() == ".lock") {
      path.replace_extension();
      if (!fs::exists(path, ignored)) entries.push_back({path, it->last_write_time(ignored), 0});
    } else if (it->is_directory(ignored)) {
      Entry entry{path, it->last_write_time(ignored), 0};
      for (fs::directory_iterator file(path, ignored), last; !ignored && file != last;
           file.increment(ignored)) {
        struct stat info {};
        if (::stat(file->path().c_str(), &info) == 0)
          entry.bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
      }
      entries.push_back(std::move(entry));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used > b.used; });
  return entries;
}

}  // namespace

void evict_templates(const MachineEnvironment& environment) {
  const fs::path parent = templates_dir(environment);
  sweep_scratch_directories(parent);
  std::error_code error;
  std::uint64_t kept = 0;
  for (const Entry& entry : entries_of(parent)) {
    const bool old = fs::file_time_type::clock::now() - entry.used > environment.template_max_age;
    kept += entry.bytes;
    if (!old && kept <= environment.template_budget_bytes) continue;
    const std::string lock_file = entry.path.string() + ".lock";
    const kit::HeldLock lock = kit::HeldLock::try_take(lock_file, O_RDWR | O_CREAT);
    if (!lock) continue;  // in use, or evicted and made anew by others meanwhile
    fs::remove_all(entry.path, error);
    ::unlink(lock_file.c_str());
    KTSTR_ASSERT(kept >= entry.bytes);
    kept -= entry.bytes;
  }
}

}  // namespace ktstr::kvm
