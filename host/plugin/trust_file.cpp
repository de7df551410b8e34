// SPDX-License-Identifier: Apache-2.0
#include "plugin/trust_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/fd.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/lock.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>

#include "support/files.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kLargestTrustFile = 4 << 20, kLargestManifest = 1 << 20, kLargestCode = 512 << 20;
constexpr const char* kDocument = "trusted-plugins";

std::string sha256_in(const Located& located) {
  std::string text = located.text();
  const bool hexadecimal = std::all_of(
      text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (text.size() != 64 || !hexadecimal) wrong(located.place, "64 hexadecimal digits", *located.value);
  return text;
}

std::vector<TrustedPlugin> plugins_in(const Located& top) {
  const OpenObject root(top, true);
  root.get("schema_version").integer(1, 1);
  if (root.get("document").text() != kDocument)
    wrong(root.get("document").place, kDocument, *root.get("document").value);
  std::vector<TrustedPlugin> plugins;
  for (const Located& item : root.get("plugins").items(0, 10000)) {
    const OpenObject one(item);
    plugins.push_back({one.get("id").text(), one.get("version").text(), one.get("manifest").text(),
                       one.get("library").text(), sha256_in(one.get("manifest_sha256")),
                       sha256_in(one.get("library_sha256"))});
  }
  return plugins;
}

std::string text_of(const std::vector<TrustedPlugin>& plugins) {
  json::array rows;
  for (const TrustedPlugin& one : plugins) {
    KTSTR_ASSERT(one.manifest_sha256.size() == 64 && one.library_sha256.size() == 64);
    rows.push_back(json::object{{"id", one.id},
                                {"version", one.version},
                                {"manifest", one.manifest.string()},
                                {"manifest_sha256", one.manifest_sha256},
                                {"library", one.library.string()},
                                {"library_sha256", one.library_sha256}});
  }
  return to_text(json::object{{"schema_version", 1}, {"document", kDocument}, {"plugins", rows}}) + "\n";
}

/// The directory without links, whether or not the file is there.
fs::path place_of(const fs::path& file) {
  std::error_code error;
  const fs::path absolute = fs::absolute(file, error).lexically_normal();
  const fs::path directory = fs::weakly_canonical(absolute.parent_path(), error);
  return error ? absolute : directory / absolute.filename();
}

/// A manifest stays one; a library is looked up in the manifests beside it.
Result<fs::path> manifest_of_file(const fs::path& file) {
  if (file.filename().string().ends_with(kManifestSuffix)) return file;
  std::error_code error;
  for (fs::directory_iterator it(file.parent_path(), error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().ends_with(kManifestSuffix)) continue;
    const auto text = kit::read_file(it->path(), kLargestManifest, O_NOFOLLOW);
    if (!text) continue;
    const auto manifest = parse_manifest(*text, it->path());
    if (manifest && manifest->library == file.filename().string()) return it->path();
  }
  return usage_error(printable(file.string()) + " belongs to no plugin: no *" + std::string(kManifestSuffix) +
                         " beside it names it",
                     "name a plugin's library or its manifest");
}

/// Modes of files that are made meanwhile: for this user alone.
class ForUserAlone {
 public:
  ForUserAlone() : before_(::umask(077)) {}
  ForUserAlone(const ForUserAlone&) = delete;
  ForUserAlone& operator=(const ForUserAlone&) = delete;
  ~ForUserAlone() { ::umask(before_); }

 private:
  ::mode_t before_;
};

}  // namespace

Result<PluginFiles> plugin_files(const fs::path& file) {
  const fs::path place = place_of(file);
  const auto path = manifest_of_file(place);
  if (!path) return path.error();
  const auto text = kit::read_file(*path, kLargestManifest, O_NOFOLLOW);
  if (!text)
    return to_error(text.error(), "name a plugin's library or its manifest, not a link to it",
                    ExitCode::kUsage);
  auto manifest = parse_manifest(*text, *path);
  if (!manifest) return manifest.error();
  PluginFiles files{std::move(*manifest), {}};
  const fs::path library = files.manifest.library_path();
  const auto code = kit::read_file(library, kLargestCode, O_NOFOLLOW);
  if (!code) return to_error(code.error(), "the library that " + printable(path->string()) + " names");
  files.now = {files.manifest.id, files.manifest.version, *path,
               library,           kit::sha256_of(*text),  kit::sha256_of(*code)};
  return files;
}

Result<std::vector<TrustedPlugin>> TrustFile::read() const {
  std::vector<TrustedPlugin> none;
  if (directory_.empty()) return none;
  const fs::path file = path();
  const std::string shown = printable(file.string());
  auto fd = kit::open_regular(file, O_NOFOLLOW);
  if (!fd) {
    std::error_code error;
    if (!fs::exists(fs::symlink_status(file, error))) return none;
    return to_error(fd.error(), "it has to be a file of yours; remove it, and trust your plugins again");
  }
  struct stat info {};
  if (::fstat(fd->get(), &info) != 0 || (info.st_uid != 0 && info.st_uid != ::geteuid()) ||
      (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return plugin_error("not believed: " + shown + " belongs to somebody else or can be written by others",
                        "look at what is in it, then: chmod 600 " + shown);
  }
  const auto text = kit::read_file(fd->get(), file.string(), kLargestTrustFile);
  if (!text) return to_error(text.error());
  return read_document(*text, file.string(), {}, ExitCode::kPlugin, plugins_in);
}

template <typename Change>
Status TrustFile::change(Change change) const {
  if (directory_.empty())
    return environment_error("there is no place for what you trust", "set HOME or XDG_CONFIG_HOME");
  const ForUserAlone mode;
  if (const Status made = make_directories(directory_); !made) return made.error();
  const fs::path lock = directory_ / "trusted-plugins.lock";
  const auto held = kit::HeldLock::wait(lock, O_RDWR | O_CREAT, kit::HeldLock::Kind::kExclusive,
                                        std::chrono::milliseconds(20), [tries = 0]() mutable {
                                          return ++tries > 500;  // ten seconds, for what takes one hundredth
                                        });
  if (!held)
    return environment_error("cannot lock " + printable(lock.string()) + ": " + std::strerror(errno));
  auto plugins = read();
  if (!plugins) return plugins.error();
  if (!change(*plugins)) return Ok{};
  return write_file_atomically(path(), text_of(*plugins));
}

Status TrustFile::add(const TrustedPlugin& plugin) const {
  return change([&](std::vector<TrustedPlugin>& plugins) {
    std::erase_if(plugins, [&](const TrustedPlugin& one) { return one.manifest == plugin.manifest; });
    plugins.push_back(plugin);
    return true;
  });
}

Result<std::vector<TrustedPlugin>> TrustFile::remove(const fs::path& file) const {
  const fs::path place = place_of(file);
  std::vector<TrustedPlugin> gone;
  const Status changed = change([&](std::vector<TrustedPlugin>& plugins) {
    std::erase_if(plugins, [&](const TrustedPlugin& one) {
      if (one.manifest != place && one.library != place) return false;
      gone.push_back(one);
      return true;
    });
    return !gone.empty();
  });
  if (!changed) return changed.error();
  return gone;
}

}  // namespace ktstr
