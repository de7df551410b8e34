// SPDX-License-Identifier: Apache-2.0
//
// Kernels from Debian. A private sources list and a private lists directory are handed to apt, so the
// machine's configuration is neither read (but for the mirror's address) nor changed; apt verifies every
// download against Debian's archive keyring.
#include <unistd.h>

#include <algorithm>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>

#include "kernels/cache_directory.hpp"
#include "kernels/catalogue.hpp"
#include "support/files.hpp"
#include "support/process.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr const char* kKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
constexpr const char* kSuites[] = {"bookworm", "bookworm-backports", "trixie", "trixie-backports", "sid"};

/// The mirror that this machine's own sources name, in either format; else Debian's own.
std::string mirror() {
  std::vector<fs::path> files = {"/etc/apt/sources.list"};
  std::error_code error;
  for (fs::directory_iterator it("/etc/apt/sources.list.d", error), end; !error && it != end;
       it.increment(error))
    files.push_back(it->path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const auto text = kit::read_file(file, 1 << 20);
    if (!text) continue;
    for (const std::string& line : split(*text, '\n')) {
      if (!line.starts_with("URIs:") && !line.starts_with("deb ")) continue;
      for (const std::string& word : split(line, ' ')) {
        const bool is_archive = word.ends_with("/debian") || word.ends_with("/debian/");
        if (word.starts_with("http") && is_archive) return word;
      }
    }
  }
  return "http://deb.debian.org/debian";
}

struct Candidate {
  std::string package, release, version;
};

/// linux-image-R or linux-binary-R of the cloud flavour -> R. Unsigned and debug packages are left out: the
/// signed ones hold the same kernel.
std::optional<Candidate> candidate_of(const std::string& package) {
  for (const std::string_view prefix : {"linux-image-", "linux-binary-"}) {
    if (!package.starts_with(prefix)) continue;
    const std::string release = package.substr(prefix.size());
    if (!release.ends_with("-cloud-amd64") || release.front() < '0' || release.front() > '9')
      return std::nullopt;
    return Candidate{package, release, version_of_release(release)};
  }
  return std::nullopt;
}

/// What apt said first of a kind: "E: ", and "W: " of what it went on without. Empty: nothing.
std::string complaint(const std::string& output, std::string_view kinds) {
  for (const std::string& line : split(output, '\n')) {
    if (line.size() > 3 && line.substr(1, 2) == ": " && kinds.find(line.front()) != kinds.npos)
      return printable(std::string_view(line).substr(3));
  }
  return {};
}

/// apt-get update succeeds when it got nothing; what it could not get it says in warnings.
std::string first_failure(const std::string& output) {
  const std::string said = complaint(output, "WE");
  return said.empty() ? "they name no kernel" : said;
}

class Apt {
 public:
  Apt(fs::path directory, const std::atomic<bool>& cancel)
      : directory_(std::move(directory)), cancel_(cancel) {}

  Status prepare() {
    std::error_code error;
    fs::create_directories(directory_ / "lists/partial", error);
    fs::create_directories(directory_ / "parts", error);
    std::string sources;
    for (const char* suite : kSuites)
      sources += "deb [signed-by=" + std::string(kKeyring) + "] " + mirror() + " " + suite + " main\n";
    return write_file_atomically(directory_ / "sources.list", sources);
  }
  Result<std::string> run(const char* program, const std::vector<std::string>& arguments) {
    std::vector<std::string> argv = {
        program, "-q",
        "-o",    "Dir::Etc::sourcelist=" + (directory_ / "sources.list").string(),
        "-o",    "Dir::Etc::sourceparts=" + (directory_ / "parts").string(),
        "-o",    "Dir::State::Lists=" + (directory_ / "lists").string(),
        "-o",    "Dir::Cache::pkgcache=",
        "-o",    "Dir::Cache::srcpkgcache=",
        "-o",    "APT::Sandbox::User=root",
        "-o",    "Acquire::Languages=none"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    auto result = run_process({argv, directory_.string(), kit::environment_with({{"LC_ALL", "C"}}),
                               std::chrono::seconds(1200), 16 << 20},
                              cancel_);
    if (!result) return result.error();
    if (!result->succeeded()) {
      std::string tail = result->out.substr(result->out.size() > 400 ? result->out.size() - 400 : 0);
      std::replace(tail.begin(), tail.end(), '\n', ' ');
      const std::string error = complaint(result->out, "E");  // among pages of progress
      return environment_error(std::string(program) + " " + arguments.front() +
                                   " failed: " + (error.empty() ? printable(tail) : error),
                               "check the network and " + mirror());
    }
    return std::move(result->out);
  }

 private:
  fs::path directory_;
  const std::atomic<bool>& cancel_;
};

/// boot/vmlinuz-R, or, since Debian 14's layout, usr/lib/modules/R/vmlinuz.
fs::path image_in(const fs::path& tree, const std::string& release) {
  for (const fs::path& place :
       {tree / "boot" / ("vmlinuz-" + release), tree / "usr/lib/modules" / release / "vmlinuz",
        tree / "lib/modules" / release / "vmlinuz"}) {
    std::error_code error;
    if (fs::is_regular_file(place, error)) return place;
  }
  return {};
}

/// Debian's package lists, read into a directory of their own.
struct AptPlace {
  kit::ScratchDirectory scratch;
  Apt apt;
  std::vector<Candidate> candidates;  ///< newest first; never none

  static Result<AptPlace> open(const fs::path& root, const std::atomic<bool>& cancel,
                               const std::function<void(const std::string&)>& note) {
    std::error_code error;
    if (!fs::exists(kKeyring, error))
      return environment_error(std::string("Debian's keyring is missing: ") + kKeyring,
                               "apt install debian-archive-keyring");
    if (const Status made = make_cache_directory(root); !made) return made.error();
    auto scratch = make_scratch_directory(root, ".fetching-");
    if (!scratch) return scratch.error();
    Apt apt(scratch->path(), cancel);
    if (const Status ready = apt.prepare(); !ready) return ready.error();
    note("reading the package lists of " + mirror());
    const auto updated = apt.run("apt-get", {"update"});
    if (!updated) return updated.error();
    const auto names = apt.run("apt-cache", {"pkgnames", "linux-"});
    if (!names) return names.error();
    std::vector<Candidate> all;
    for (const std::string& name : split(*names, '\n')) {
      if (const auto candidate = candidate_of(name)) all.push_back(*candidate);
    }
    if (all.empty())
      return environment_error(
          "cannot read the package lists of " + mirror() + ": " + first_failure(*updated),
          "check the network, and http_proxy if there is one");
    // Of the two layouts of one release the package with the image itself comes first.
    std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
      const int order = compare_versions(a.version, b.version);
      if (order != 0) return order > 0;
      return a.release != b.release ? a.release > b.release : a.package < b.package;
    });
    return AptPlace{std::move(*scratch), std::move(apt), std::move(all)};
  }
};

}  // namespace

Result<Kernel> KernelCatalogue::fetch(const std::string& version,
                                      const std::function<void(const std::string&)>& note) const {
  if (!looks_like_version(version))
    return usage_error("\"" + printable(version) + "\" is not a kernel version",
                       "for instance: ktstr kernel fetch 6.18");
  if (std::count(version.begin(), version.end(), '.') ==
      2) {  // an exact version that is there needs no network
    if (auto have = find(version)) return have;
  }
  std::error_code error;
  auto place = AptPlace::open(root_, cancel_, note);
  if (!place) return place.error();
  Apt& apt = place->apt;
  const fs::path scratch = place->scratch.path();
  const std::vector<Candidate>& all = place->candidates;
  std::vector<std::string> versions;
  std::string last_problem;
  for (const Candidate& candidate : all) {
    const std::string series =
        join({split(candidate.version, '.')[0], split(candidate.version + ".0", '.')[1]}, ".");
    if (std::find(versions.begin(), versions.end(), series) == versions.end()) versions.push_back(series);
    if (!version_matches(version, candidate.version)) continue;
    const bool cached = fs::exists(root_ / candidate.release, error);
    const auto have = find(candidate.release);
    if (have && !have->config.empty()) {
      note(candidate.release + " is in the cache already");
      return have;
    }
    if (cached)
      note(have ? candidate.release + " is in the cache without its configuration" : have.error().message);
    note("downloading " + candidate.package);
    if (const auto downloaded = apt.run("apt-get", {"download", candidate.package}); !downloaded) {
      if (cancel_) return downloaded.error();
      last_problem = downloaded.error().message;  // lists may name packages that the mirror no longer has
      continue;
    }
    fs::path package;
    for (fs::directory_iterator it(scratch, error), end; !error && it != end; it.increment(error)) {
      if (it->path().extension() == ".deb") package = it->path();
    }
    const fs::path tree = scratch / "tree";
    const auto unpacked = run_process(
        {{"dpkg-deb", "-x", package.string(), tree.string()}, {}, {}, std::chrono::seconds(300), 1 << 16},
        cancel_);
    if (!unpacked) return unpacked.error();
    const fs::path image = image_in(tree, candidate.release);
    if (image.empty()) {  // a meta package of the new layout: the image is in linux-binary-R
      fs::remove(package, error);
      fs::remove_all(tree, error);
      continue;
    }
    const fs::path config = tree / "boot" / ("config-" + candidate.release),
                   other_config = tree / "usr/lib/modules" / candidate.release / "config";
    std::error_code ignored;
    if (!fs::exists(image.parent_path() / ("config-" + candidate.release), ignored) &&
        image.parent_path() != config.parent_path()) {
      fs::copy_file(fs::exists(other_config, ignored) ? other_config : config,
                    image.parent_path() / ("config-" + candidate.release), ignored);
    }
    return add(image, candidate.release, std::string(kPackageSource) + candidate.package);
  }
  if (!last_problem.empty())
    return environment_error("no kernel " + version + " could be downloaded: " + last_problem);
  return environment_error("Debian has no cloud kernel " + version + suggestion(version, versions),
                           "available: " + join(versions, ", "));
}

Result<std::vector<std::string>> KernelCatalogue::packaged(
    const std::function<void(const std::string&)>& note) const {
  const auto place = AptPlace::open(root_, cancel_, note);
  if (!place) return place.error();
  std::vector<std::string> versions;
  for (const Candidate& candidate : place->candidates) {
    if (versions.empty() || versions.back() != candidate.version) versions.push_back(candidate.version);
  }
  return versions;
}

}  // namespace ktstr
