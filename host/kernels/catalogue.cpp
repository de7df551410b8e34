// SPDX-License-Identifier: Apache-2.0
#include "kernels/catalogue.hpp"

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>

#include "kernels/cache_directory.hpp"
#include "kernels/kernel_config.hpp"
#include "kernels/version_range.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

/// What people added is told apart by its name; a package is the only kernel of its version that a
/// distribution has.
std::string label_of(const Kernel& kernel) {
  if (kernel.source.starts_with(KernelCatalogue::kPackageSource)) return {};
  if (!kernel.name.starts_with(kernel.version)) return kernel.name;
  const std::size_t rest = kernel.name.find_first_not_of("-+.", kernel.version.size());
  return rest == std::string::npos ? std::string() : kernel.name.substr(rest);
}

bool usable_name(const std::string& name) {
  return !name.empty() && name.size() <= 128 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-' || c == '+';
         });
}

}  // namespace

namespace {

/// Takes what metadata.json tells into `kernel`, as much as there is.
void take_metadata(const OpenObject& object, Kernel& kernel) {
  for (const auto& [key, field] : {std::pair{"version", &kernel.version},
                                   {"release", &kernel.release},
                                   {"source", &kernel.source},
                                   {"commit", &kernel.commit},
                                   {"commit_full", &kernel.commit_full},
                                   {"sha256", &kernel.sha256}})
    *field = object.text(key);
  if (const Located* value = object.find("sched_ext"); value != nullptr && !value->is_null())
    kernel.sched_ext = value->boolean();
  if (const Located* value = object.find("missing_options"); value != nullptr && !value->is_null())
    kernel.missing = value->texts();
  std::error_code error;
  const auto actual = fs::file_size(kernel.image, error);
  if (error || object.get("size").integer(0, UINT64_MAX) != actual)
    throw Mistake("its image is missing or has another size than when it was added");
  if (kernel.version.empty()) throw Mistake("its metadata has no version");
}

Status take_metadata(const fs::path& file, Kernel& kernel) {
  const auto text = read_file(file, 1 << 20);
  if (!text) return text.error();
  return read_document(*text, "metadata.json", {}, ExitCode::kPlugin,
                       [&](const Located& top) { take_metadata(OpenObject(top, true), kernel); });
}

/// The command that gets a damaged kernel again.
std::string again(const Kernel& kernel) {
  if (kernel.source.starts_with(KernelCatalogue::kPackageSource) && !kernel.version.empty())
    return "ktstr kernel fetch " + kernel.version;
  if (kernel.source.empty()) return "ktstr kernel remove " + kernel.name;
  return "add it again with --name " + kernel.name + ", or: ktstr kernel remove " + kernel.name;
}

}  // namespace

Kernel KernelCatalogue::read_entry(const std::string& name) const {
  KTSTR_ASSERT(!name.empty() && name.find('/') == std::string::npos);
  const fs::path directory = root_ / name;
  Kernel kernel;
  kernel.name = name;
  kernel.image = directory / "image";
  std::error_code error;
  if (fs::is_regular_file(directory / "config", error)) kernel.config = directory / "config";
  if (const Status taken = take_metadata(directory / "metadata.json", kernel); !taken)
    kernel.problem = taken.error().message;
  kernel.label = label_of(kernel);
  return kernel;
}

/// A run on a kernel that is not the one it is taken for takes a day to find out.
Result<Kernel> KernelCatalogue::undamaged(Kernel kernel) const {
  if (kernel.problem.empty() && !kernel.sha256.empty()) {
    const auto sum = sums_.of(kernel.image);
    if (!sum) {
      kernel.problem = sum.error().message;
    } else if (*sum != kernel.sha256) {
      kernel.problem = "its image is not the one that was added";
    }
  }
  if (kernel.problem.empty()) return kernel;
  return environment_error(
      "the cached kernel " + printable(kernel.name) + " is damaged: " + printable(kernel.problem),
      printable(again(kernel)));
}

Result<std::vector<Kernel>> KernelCatalogue::list() const {
  std::vector<Kernel> kernels;
  std::error_code error;
  fs::directory_iterator it(root_, error);
  if (error && error != std::errc::no_such_file_or_directory) {
    return environment_error(
        "cannot read the kernel cache " + printable(root_.string()) + ": " + error.message(), cache_hint());
  }
  for (const fs::directory_iterator end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.empty() || name.front() == '.') continue;
    kernels.push_back(read_entry(name));
  }
  std::sort(kernels.begin(), kernels.end(), [](const Kernel& a, const Kernel& b) {
    const int order = compare_versions(a.version, b.version);
    return order != 0 ? order > 0 : a.name < b.name;
  });
  return kernels;
}

/// The image of a cached kernel is that kernel, with its name.
Result<Kernel> KernelCatalogue::at_path(const fs::path& path) const {
  std::error_code error;
  const fs::path image = fs::canonical(path, error);
  const bool cached = !error && image.filename() == "image" &&
                      image.parent_path().parent_path() == fs::canonical(root_, error) && !error;
  if (cached) {
    if (Kernel kernel = read_entry(image.parent_path().filename().string()); !kernel.version.empty())
      return undamaged(std::move(kernel));
  }
  return kernel_at_path(path, cancel_, sums_);
}

Result<Kernel> KernelCatalogue::find(const std::string& spec) const {
  std::error_code error;
  if (spec.find('/') != std::string::npos || spec.starts_with(".")) return at_path(spec);
  const auto cached = list();
  if (!cached) return cached.error();
  std::vector<std::string> names;
  for (const Kernel& kernel : *cached) {
    if (kernel.name == spec) return undamaged(kernel);
    names.push_back(kernel.name);
  }
  for (const Kernel& kernel : *cached) {  // newest first
    if (version_matches(spec, kernel.version)) return undamaged(kernel);
  }
  if (fs::exists(spec, error)) return at_path(spec);
  const std::string looked = "no kernel \"" + printable(spec) + "\": looked in the cache " + root_.string() +
                             (names.empty() ? " (empty)" : " (" + printable(join(names, ", ")) + ")") +
                             " and for a file of that name";
  if (looks_like_version(spec)) return environment_error(looked, "ktstr kernel fetch " + spec);
  return environment_error(looked + suggestion(spec, names), "ktstr kernel list");
}

Result<std::vector<Kernel>> KernelCatalogue::in_range(const VersionRange& range,
                                                      const std::string& spec) const {
  const auto cached = list();
  if (!cached) return cached.error();
  std::vector<Kernel> found;
  for (const Kernel& kernel : *cached) {
    if (!range.contains(kernel.version)) continue;
    auto whole = undamaged(kernel);
    if (!whole) return whole.error();
    found.push_back(std::move(*whole));
  }
  std::reverse(found.begin(), found.end());
  KTSTR_ASSERT(std::is_sorted(found.begin(), found.end(), [](const Kernel& a, const Kernel& b) {
    return compare_versions(a.version, b.version) < 0;
  }));
  if (found.empty())
    return environment_error("no kernel of the cache " + root_.string() + " is in " + printable(spec),
                             "ktstr kernel list");
  return found;
}

Result<std::vector<Kernel>> KernelCatalogue::find_all(const std::vector<std::string>& specs) const {
  std::vector<Kernel> kernels;
  const auto add = [&](Kernel kernel) {
    const bool known = std::any_of(kernels.begin(), kernels.end(),
                                   [&](const Kernel& other) { return other.id() == kernel.id(); });
    if (!known) kernels.push_back(std::move(kernel));
  };
  for (const std::string& spec : specs) {
    const auto range = version_range(spec);
    if (!range) return range.error();
    if (!*range) {
      auto kernel = find(spec);
      if (!kernel) return kernel.error();
      add(std::move(*kernel));
      continue;
    }
    auto within = in_range(**range, spec);
    if (!within) return within.error();
    for (Kernel& kernel : *within) add(std::move(kernel));
  }
  return kernels;
}

Result<Kernel> KernelCatalogue::find_default() const {
  const auto cached = list();
  if (!cached) return cached.error();
  for (const Kernel& kernel : *cached) {
    if (!kernel.version.empty()) return undamaged(kernel);
  }
  utsname name{};
  ::uname(&name);
  const std::vector<fs::path> places = {"/lib/modules/" + std::string(name.release) + "/build",
                                        "/boot/vmlinuz-" + std::string(name.release)};
  for (const fs::path& place : places) {
    if (auto kernel = kernel_at_path(place, cancel_, sums_)) return kernel;
  }
  std::error_code error;
  std::vector<Kernel> installed;
  for (fs::directory_iterator it("/boot", error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with("vmlinuz-")) continue;
    if (auto kernel = kernel_at_path(it->path())) installed.push_back(std::move(*kernel));
  }
  if (!installed.empty()) {
    return *std::max_element(installed.begin(), installed.end(), [](const Kernel& a, const Kernel& b) {
      return compare_versions(a.version, b.version) < 0;
    });
  }
  if (!cached->empty()) {
    const Kernel& unusable = cached->front();
    return environment_error(
        "the cached kernel " + printable(unusable.name) + " cannot be used: " + printable(unusable.problem),
        printable(again(unusable)));
  }
  return environment_error(
      "no kernel: neither a flag, nor KTSTR_TEST_KERNEL or KTSTR_KERNEL, nor the configuration names one, "
      "the cache " +
          root_.string() + " is empty, and " + places[0].string() + " and /boot have none that can be read",
      "ktstr kernel fetch 6.18, or --kernel PATH");
}

namespace {

/// Puts the configuration of `kernel` beside its copy in `entry`, from where it was found or from inside the
/// image.
Status keep_config(Kernel& kernel, const fs::path& entry) {
  std::optional<std::string> config;
  if (!kernel.config.empty()) {
    auto text = read_file(kernel.config, 16 << 20);
    if (!text) return text.error();
    config = std::move(*text);
  } else if (const auto image = read_file(entry / "image", 1 << 30)) {
    config = config_in_image(*image);
  }
  if (!config) return Ok{};
  kernel.sched_ext = built_in(*config, "CONFIG_SCHED_CLASS_EXT");
  kernel.missing = missing_options(*config);
  return write_file_atomically(entry / "config", *config);
}

}  // namespace

Result<Kernel> KernelCatalogue::add(const fs::path& path, const std::string& wanted_name,
                                    const std::string& source) const {
  auto kernel = kernel_at_path(path, cancel_, sums_);
  if (!kernel) return kernel;
  if (cancel_) return Error{ExitCode::kInterrupted, "", ""};
  const std::string name = wanted_name.empty() ? kernel->release : wanted_name;
  if (!usable_name(name))
    return usage_error("\"" + printable(name) + "\" cannot be a kernel's name",
                       "use letters, digits and . _ - +");
  if (const Status made = make_cache_directory(root_); !made) return made.error();
  auto scratch = make_scratch_directory(root_, ".adding-");
  if (!scratch) return scratch.error();
  const fs::path fresh = scratch->path() / "entry";
  std::error_code error;
  fs::create_directory(fresh, error);
  fs::copy_file(kernel->image, fresh / "image", error);
  if (error) {
    return environment_error("cannot copy " + printable(kernel->image.string()) + " to " +
                                 printable(root_.string()) + ": " + error.message(),
                             cache_hint());
  }
  if (const Status kept = keep_config(*kernel, fresh); !kept) return kept.error();
  const auto sum = sha256_of_file(fresh / "image");
  if (!sum) return sum.error();
  json::object metadata{
      {"version", kernel->version},
      {"release", kernel->release},
      {"source", source.empty() ? kernel->source : source},
      {"commit", kernel->commit},
      {"commit_full", kernel->commit_full},
      {"sched_ext", kernel->sched_ext ? json::value(*kernel->sched_ext) : json::value(nullptr)},
      {"missing_options", kernel->missing
                              ? json::value(json::array(kernel->missing->begin(), kernel->missing->end()))
                              : json::value(nullptr)},
      {"size", static_cast<std::int64_t>(fs::file_size(fresh / "image", error))},
      {"sha256", *sum},
      {"added_at", kit::utc_timestamp(std::time(nullptr))}};
  if (const Status written = write_file_atomically(fresh / "metadata.json", to_text(metadata) + "\n");
      !written)
    return written.error();
  const fs::path place = root_ / name;
  const fs::path old = scratch->path() / "old";  // goes with the scratch directory
  fs::rename(place, old, error);
  fs::rename(fresh, place, error);
  if (error) {
    std::error_code ignored;
    fs::rename(old, place, ignored);
    return plugin_error("cannot put the kernel at " + printable(place.string()) + ": " + error.message());
  }
  return read_entry(name);
}

Result<Kernel> KernelCatalogue::remove(const std::string& name) const {
  const auto cached = list();
  if (!cached) return cached.error();
  std::vector<std::string> names;
  for (const Kernel& kernel : *cached) {
    names.push_back(kernel.name);
    if (kernel.name != name) continue;
    std::error_code error;
    if (const Status made = make_cache_directory(root_); !made) return made.error();
    auto scratch = make_scratch_directory(root_, ".removing-");
    if (!scratch) return scratch.error();
    fs::rename(root_ / name, scratch->path() / "entry", error);
    if (error) return plugin_error("cannot remove " + name + ": " + error.message());
    return kernel;
  }
  return usage_error("there is no cached kernel \"" + printable(name) + "\"" + suggestion(name, names),
                     "ktstr kernel list");
}

}  // namespace ktstr
