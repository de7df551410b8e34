// SPDX-License-Identifier: Apache-2.0
#include "guest/library_search.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "guest/loader_cache.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::size_t kMostLibraries = 512;
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, std::max<std::size_t>(slash, 1));
}
std::string plain(const std::string& path) { return std::filesystem::path(path).lexically_normal().string(); }
std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// What differs between the C libraries that programs are linked with.
struct Loader {
  std::vector<std::string> directories;
  bool has_cache = false;
  std::string guest_directory;  ///< built into the loader: the guest has neither its cache nor the program's
                                ///< own directories

  static Loader of(const std::string& interpreter) {
    if (name_of(interpreter).starts_with("ld-musl-"))
      return {{"/lib", "/usr/local/lib", "/usr/lib"}, false, "/lib"};
    return {
        {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"},
        true,
        {}};
  }
  /// Names that stand for the loader itself: musl's is its whole C library.
  bool is_own(std::string_view name, std::string_view interpreter) const {
    static constexpr std::string_view kMusl[] = {"libc.",  "libpthread.", "librt.",  "libm.",
                                                 "libdl.", "libutil.",    "libxnet."};
    if (name == name_of(interpreter)) return true;
    return !has_cache && std::any_of(std::begin(kMusl), std::end(kMusl),
                                     [&](std::string_view own) { return name.starts_with(own); });
  }
};

/// "$ORIGIN/../$LIB" and its like, for an object in `origin`; one for each meaning that $LIB has among
/// distributions.
std::vector<std::string> expanded(const std::string& text, const std::string& origin) {
  std::vector<std::string> all;
  for (const char* lib : {"lib/x86_64-linux-gnu", "lib64"}) {
    std::string path = text;
    for (const auto& [name, value] :
         {std::pair<std::string, std::string>{"ORIGIN", origin}, {"LIB", lib}, {"PLATFORM", "x86_64"}}) {
      for (const std::string& token : {"${" + name + "}", "$" + name}) {
        for (std::size_t at = path.find(token); at != std::string::npos;
             at = path.find(token, at + value.size())) {
          path.replace(at, token.size(), value);
        }
      }
    }
    if (std::find(all.begin(), all.end(), path) == all.end()) all.push_back(path);
  }
  return all;
}

class Search {
 public:
  Search(const LibraryUser& program, const FileRoot& root)
      : root_(root), loader_(Loader::of(program.elf.interpreter)) {
    interpreter_ = program.elf.interpreter;
    objects_.push_back(
        {program.shown, {}, program.directory, program.guest_path, {}, program.elf, kNobody, true});
  }

  /// Breadth first, as the loader goes: whoever asks for a name first decides which file it is.
  bool run(std::string& problem) {
    for (std::size_t at = 0; at < objects_.size(); ++at) {
      const std::vector<std::string> needed = objects_[at].elf.needed;
      for (const std::string& name : needed) {
        if (known_.contains(name) || loader_.is_own(name_of(name), interpreter_)) continue;
        if (objects_.size() > kMostLibraries) {
          problem = "it needs more than " + std::to_string(kMostLibraries) + " libraries";
          return false;
        }
        if (!find(at, name, problem)) return false;
        known_.insert(name);
      }
    }
    return true;
  }

  std::vector<LibraryFile> take() {
    const auto libc = std::find_if(objects_.begin(), objects_.end(),
                                   [](const Object& object) { return object.name == "libc.so.6"; });
    std::string directory = loader_.guest_directory;
    KTSTR_ASSERT(!directory.empty() || !loader_.directories.empty());
    if (directory.empty())
      directory = libc == objects_.end() || !libc->guest_path.empty() ? loader_.directories.front()
                                                                      : plain(libc->directory);
    KTSTR_ASSERT(objects_.size() == known_.size() + 1);  // the program and one for each name
    std::vector<LibraryFile> files;
    for (std::size_t i = 1; i < objects_.size(); ++i) {
      Object& object = objects_[i];
      if (object.guest_path.empty()) object.guest_path = directory + '/' + object.name;
      files.push_back({object.guest_path, std::move(object.contents)});
    }
    return files;
  }

 private:
  struct Object {
    std::string shown;       ///< for people
    std::string name;        ///< what it was asked for by; of the program: empty
    std::string directory;   ///< $ORIGIN
    std::string guest_path;  ///< empty: in the loader's own directory
    std::string contents;
    ElfSummary elf;
    std::size_t asked_by;
    bool outside = false;  ///< `directory` is a place of the host even when there is a sysroot
  };

  bool read(const std::string& path, bool outside, std::string& contents) const {
    std::string why;
    return outside ? read_guest_file(path, contents, why) : root_.read(path, contents, why);
  }

  /// Takes the file at `path` if it is a library of the right kind; the loader passes over others as well.
  bool try_file(std::size_t asker, const std::string& name, const std::string& path, bool outside,
                const std::string& guest_path) {
    looked_in_.push_back(outside || root_.is_host() ? printable_start(path, 300) : root_.shown(path));
    std::string contents;
    if (!path.starts_with('/') || !read(path, outside, contents)) return false;
    ElfSummary elf = inspect_elf(contents);
    if (!elf.is_x86_64_program) {
      looked_in_.back() += " (" + (elf.damage.empty() ? "no ELF file" : elf.damage) + ')';
      return false;
    }
    const std::string shown = outside || root_.is_host() ? printable_start(path, 300) : root_.shown(path);
    objects_.push_back(
        {shown, name, directory_of(path), guest_path, std::move(contents), std::move(elf), asker, outside});
    return true;
  }

  /// One DT_RPATH or DT_RUNPATH of `owner`. What is found there lies at the same place in the guest, as seen
  /// from the owner there.
  bool try_directories(std::size_t asker, const std::string& name, const std::vector<std::string>& entries,
                       std::size_t owner) {
    for (const std::string& entry : entries) {
      const bool by_origin = entry.find("ORIGIN") != std::string::npos;
      const std::string origin = objects_[owner].directory, owner_in_guest = objects_[owner].guest_path;
      const std::vector<std::string> there = expanded(entry, origin),
                                     in_guest = expanded(entry, directory_of(owner_in_guest));
      for (std::size_t i = 0; i < there.size(); ++i) {
        if (!there[i].starts_with('/')) continue;  // depends on where the program is started
        const bool has_place = !owner_in_guest.empty() && i < in_guest.size();
        const std::string guest_path = has_place ? plain(in_guest[i] + '/' + name) : std::string();
        if (try_file(asker, name, there[i] + '/' + name, by_origin && objects_[owner].outside, guest_path))
          return true;
      }
    }
    return false;
  }

  bool try_everywhere(std::size_t asker, const std::string& name) {
    if (objects_[asker].elf.runpath.empty()) {
      for (std::size_t owner = asker; owner != kNobody; owner = objects_[owner].asked_by) {
        const ElfSummary elf = objects_[owner].elf;
        if (elf.runpath.empty() && try_directories(asker, name, elf.rpath, owner)) return true;
      }
    }
    const ElfSummary elf = objects_[asker].elf;
    if (try_directories(asker, name, elf.runpath, asker)) return true;
    if (elf.no_default_directories) return false;
    if (loader_.has_cache) {
      if (const auto cached = cache().find(name);
          cached != cache().end() && try_file(asker, name, cached->second, false, {}))
        return true;
      looked_in_.push_back(root_.shown("/etc/ld.so.cache"));
    }
    return std::any_of(loader_.directories.begin(), loader_.directories.end(),
                       [&](const std::string& directory) {
                         return try_file(asker, name, directory + '/' + name, false, {});
                       });
  }

  bool find(std::size_t asker, const std::string& name, std::string& problem) {
    looked_in_.clear();
    bool found = false;
    if (name.find('/') == std::string::npos) {
      found = try_everywhere(asker, name);
    } else {  // a path: the loader looks there and nowhere else, in the guest as well
      const std::string guest = plain(expanded(name, directory_of(objects_[asker].guest_path)).front());
      const bool by_origin = name.find("ORIGIN") != std::string::npos;
      const std::string origin = objects_[asker].directory;
      found =
          try_file(asker, name, expanded(name, origin).front(), by_origin && objects_[asker].outside, guest);
    }
    if (found) return true;
    constexpr std::size_t kShown = 8;
    std::string places;
    for (std::size_t i = 0; i < looked_in_.size() && i < kShown; ++i)
      places += (i == 0 ? "" : ", ") + looked_in_[i];
    if (looked_in_.size() > kShown)
      places += " and " + std::to_string(looked_in_.size() - kShown) + " more places";
    problem = objects_[asker].shown + " needs " + printable_start(name, 200) +
              ", which is not there; looked for at " + places;
    return false;
  }

  const std::unordered_map<std::string, std::string>& cache() {
    if (!cache_) {
      std::string bytes, why;
      cache_ = root_.read("/etc/ld.so.cache", bytes, why) ? read_loader_cache(bytes)
                                                          : std::unordered_map<std::string, std::string>();
    }
    return *cache_;
  }

  const FileRoot& root_;
  Loader loader_;
  std::string interpreter_;
  std::vector<Object> objects_;  ///< the program first
  std::unordered_set<std::string> known_;
  std::vector<std::string> looked_in_;
  std::optional<std::unordered_map<std::string, std::string>> cache_;
};

}  // namespace

bool find_libraries(const LibraryUser& program, const FileRoot& root, std::vector<LibraryFile>& libraries,
                    std::string& problem) {
  Search search(program, root);
  if (!search.run(problem)) return false;
  libraries = search.take();
  return true;
}

}  // namespace ktstr::kvm
