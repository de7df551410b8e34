// SPDX-License-Identifier: Apache-2.0
#include "plugin/new_plugin.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/directories.hpp>
#include <ktstr/kit/text.hpp>
#include <map>

#include "support/files.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDescription = "plugin-new.json";
/// Beside the examples: what each copy gets, "all" and then the folder of its kind.
constexpr const char* kEveryPlugin = "every-plugin";
constexpr std::uint64_t kLargestFile = 1 << 20;
constexpr std::size_t kLongestName = 40;

using Replacements = std::vector<std::pair<std::string, std::string>>;

PluginExample example_of(const Located& top, const fs::path& folder) {
  const OpenObject object(top, true);
  PluginExample example{
      folder, object.get("kind").text(), object.get("lang").text(), object.get("about").text(), {}};
  for (const Located& pair : object.get("replace").items(1, 64)) {
    const std::vector<std::string> texts = pair.texts();
    if (texts.size() != 2 || texts.front().empty()) wrong(pair.place, "[\"what\", \"by what\"]", *pair.value);
    example.replace.emplace_back(texts[0], texts[1]);
  }
  return example;
}

std::string with_capitals(const std::string& name) {
  std::string out;
  for (const std::string& part : split(name, '-')) {
    KTSTR_ASSERT(!part.empty());  // check_plugin_name
    out += static_cast<char>(part[0] >= 'a' && part[0] <= 'z' ? part[0] - 'a' + 'A' : part[0]);
    out += part.substr(1);
  }
  return out;
}

/// At each place the longest text that stands there is replaced, and what replaced it is not looked at again.
std::string replaced(const std::string& text, const Replacements& replacements) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::pair<std::string, std::string>* best = nullptr;
    for (const auto& one : replacements) {
      const bool here = text.compare(at, one.first.size(), one.first) == 0;
      if (here && (best == nullptr || one.first.size() > best->first.size())) best = &one;
    }
    out += best == nullptr ? std::string(1, text[at]) : best->second;
    at += best == nullptr ? 1 : best->first.size();
  }
  return out;
}

Replacements replacements_of(const PluginExample& example, const std::string& name) {
  std::string underscored = name;
  std::replace(underscored.begin(), underscored.end(), '-', '_');
  const Replacements names = {{"{name}", name}, {"{name_}", underscored}, {"{Name}", with_capitals(name)}};
  Replacements out = {{"@KIND@", example.kind}, {"@NAME@", name}};
  for (const auto& [from, to] : example.replace) out.emplace_back(from, replaced(to, names));
  return out;
}

struct NewFile {
  std::string text;
  bool program = false;
};
using NewFiles = std::map<std::string, NewFile>;  ///< by path below the plugin's directory

/// Later folders win: a kind may have its own of what all have.
Status collect(const fs::path& folder, const Replacements& replacements, NewFiles& files) {
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().lexically_relative(folder).string();
    if (name == "build" || name == kDescription) {  // of somebody who tried the example where it lies
      it.disable_recursion_pending();
      continue;
    }
    if (it->is_directory(error)) continue;
    auto text = read_file(it->path(), kLargestFile);
    if (!text) return text.error();
    const bool program = (it->status(error).permissions() & fs::perms::owner_exec) != fs::perms::none;
    files[replaced(name, replacements)] = {replaced(*text, replacements), program};
  }
  if (error) return environment_error("cannot read " + printable(folder.string()) + ": " + error.message());
  return Ok{};
}

Status write_files(const NewFiles& files, const fs::path& directory) {
  for (const auto& [name, file] : files) {
    const fs::path path = directory / name;
    if (const Status made = make_directories(path.parent_path()); !made) return made.error();
    if (const Status written = write_file_atomically(path, file.text); !written) return written.error();
    std::error_code error;
    if (file.program)
      fs::permissions(path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                      fs::perm_options::add, error);
    if (error) return environment_error("cannot make " + printable(name) + " a program: " + error.message());
  }
  return Ok{};
}

Status refuse_if_used(const fs::path& directory) {
  std::error_code error;
  const fs::file_status there = fs::symlink_status(directory, error);
  if (!fs::exists(there)) return Ok{};
  if (!fs::is_directory(there))
    return usage_error(printable(directory.string()) + " is there already and no directory",
                       "choose another place with --dir DIR");
  if (!fs::is_empty(directory, error))
    return usage_error(printable(directory.string()) + " is there already and not empty",
                       "choose another place with --dir DIR");
  return Ok{};
}

/// Written beside the place where it belongs, and renamed: rename(2) replaces nothing but an empty directory.
Status write_whole(const NewFiles& files, const fs::path& directory) {
  const fs::path parent = directory.parent_path();
  if (const Status made = make_directories(parent); !made) return made.error();
  std::string scratch = (parent / ".ktstr-plugin-XXXXXX").string();
  if (::mkdtemp(scratch.data()) == nullptr)
    return environment_error("cannot write to " + printable(parent.string()) + ": " + std::strerror(errno));
  const fs::path fresh = fs::path(scratch) / "plugin";  // with the mode that the umask says
  Status done = write_files(files, fresh);
  if (done && std::rename(fresh.c_str(), directory.c_str()) != 0) {
    const int why = errno;
    done = refuse_if_used(directory);
    if (done)
      done = environment_error("cannot make " + printable(directory.string()) + ": " + std::strerror(why));
  }
  kit::remove_tree(scratch);
  return done;
}

}  // namespace

Result<std::vector<PluginExample>> plugin_examples(const fs::path& examples) {
  std::vector<PluginExample> found;
  std::error_code error;
  for (fs::directory_iterator it(examples, error), end; !error && it != end; it.increment(error)) {
    const fs::path description = it->path() / kDescription;
    if (!fs::exists(description)) continue;
    const auto text = read_file(description, kLargestFile);
    if (!text) return text.error();
    auto example = read_document(*text, description.string(), {}, ExitCode::kEnvironment,
                                 [&](const Located& top) { return example_of(top, it->path()); });
    if (!example) return example.error();
    found.push_back(std::move(*example));
  }
  if (found.empty())
    return environment_error("there are no examples of plugins in " + printable(examples.string()),
                             "install the SDK: the package ktstr-sdk-dev, or cmake --install");
  std::sort(found.begin(), found.end(), [](const PluginExample& a, const PluginExample& b) {
    return std::tie(a.kind, a.lang) < std::tie(b.kind, b.lang);
  });
  return found;
}

Result<PluginExample> choose_example(const std::vector<PluginExample>& examples, const std::string& kind,
                                     const std::string& lang) {
  std::vector<std::string> kinds, langs, pairs;
  bool known_kind = false, known_lang = false;
  for (const PluginExample& example : examples) {
    if (example.kind == kind && (lang.empty() || example.lang == lang)) return example;
    known_kind = known_kind || example.kind == kind;
    known_lang = known_lang || example.lang == lang;
    kinds.push_back(example.kind);
    langs.push_back(example.lang);
    pairs.push_back(example.kind + " --lang " + example.lang);
  }
  const std::string hint = "there are: " + join(pairs, ", ");
  if (!known_kind)
    return usage_error("there is no kind of plugin \"" + printable(kind) + "\"" + suggestion(kind, kinds),
                       hint);
  if (!known_lang)
    return usage_error("--lang: there is no example in \"" + printable(lang) + "\"" + suggestion(lang, langs),
                       hint);
  return usage_error("there is no example of a " + kind + " in " + lang, hint);
}

Status check_plugin_name(const std::string& name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const bool plain = !name.empty() && name.size() <= kLongestName && letter(name.front()) &&
                     name.back() != '-' && name.find("--") == std::string::npos &&
                     std::all_of(name.begin(), name.end(),
                                 [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
  if (plain) return Ok{};
  return usage_error("\"" + printable(name) + "\" is no name for a plugin",
                     "lower-case letters, digits and single hyphens, a letter first, at most " +
                         std::to_string(kLongestName) + ", as in worst-run");
}

Result<std::vector<std::string>> write_new_plugin(const PluginExample& example, const std::string& name,
                                                  const fs::path& directory) {
  KTSTR_ASSERT(check_plugin_name(name) && directory.is_absolute());
  if (const Status free = refuse_if_used(directory); !free) return free.error();
  const Replacements replacements = replacements_of(example, name);
  const fs::path every = example.folder.parent_path() / kEveryPlugin;
  NewFiles files;
  for (const fs::path& folder : {every / "all", every / example.kind, example.folder}) {
    std::error_code error;
    if (folder == every / example.kind && !fs::exists(folder, error)) continue;  // nothing of its own
    if (const Status read = collect(folder, replacements, files); !read) return read.error();
  }
  if (const Status written = write_whole(files, directory); !written) return written.error();
  std::vector<std::string> names;
  for (const auto& [file, content] : files) names.push_back(file);
  return names;
}

}  // namespace ktstr
