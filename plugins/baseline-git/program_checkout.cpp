// SPDX-License-Identifier: Apache-2.0
//
// A commit's files by way of a private index that is gone afterwards, so that neither the repository's index
// nor its work trees change.
#include <ktstr/kit/text.hpp>
#include <ktstr/sdk.hpp>
#include <map>

#include "program_repository.hpp"

namespace ktstr::git {
namespace fs = std::filesystem;
namespace {

/// The directory of the private index; no commit has a file of that name.
class IndexDirectory {
 public:
  explicit IndexDirectory(const fs::path& destination) : path_(destination / ".git") {
    fs::create_directory(path_);
  }
  ~IndexDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  IndexDirectory(const IndexDirectory&) = delete;
  IndexDirectory& operator=(const IndexDirectory&) = delete;
  std::string index() const { return (path_ / "index").string(); }

 private:
  fs::path path_;
};

std::string hint_for(const std::string& err) {
  if (err.find("filter") != std::string::npos)
    return "git checks such files out with the filter's help: see that it has what it needs (git lfs fetch "
           "--all)";
  return "objects are not there: a partial clone gets them with git fetch --refetch, git fsck tells about "
         "others";
}

}  // namespace

std::vector<Gitlink> ProgramRepository::write_commit(const std::string& commit, const fs::path& destination) {
  const IndexDirectory directory(destination);
  GitCall call;
  call.variables = {{"GIT_INDEX_FILE", directory.index()}};
  call.settings = {{"core.splitIndex", "false"}, {"core.untrackedCache", "false"}, {"index.sparse", "false"}};
  ProgramRepository there({"-C", destination.string(), "--git-dir=" + git_directory_.string(),
                           "--work-tree=" + destination.string()},
                          services_);
  GitCall writing = call;
  writing.may_fetch = true;
  const GitAnswer written = there.ask({"read-tree", "--reset", "-u", commit}, writing);
  if (!written.ok())
    throw sdk::Error(KTSTR_UNAVAILABLE, "git cannot check out " + commit + ": " + written.complaint(),
                     hint_for(written.err));
  if (written.err.find("error: ") != std::string::npos)
    services_.warn("git, while checking out: " + written.complaint());
  there.tell_unfiltered(call);
  std::vector<Gitlink> links;
  for (const std::string& line :
       split_nul(there.must({"ls-files", "-z", "--stage"}, call))) {  // "160000 HASH 0\tpath"
    const std::size_t tab = line.find('\t'), hash = line.find(' ') + 1;
    if (line.starts_with("160000 ") && tab != std::string::npos)
      links.push_back({line.substr(tab + 1), line.substr(hash, line.find(' ', hash) - hash)});
  }
  return links;
}

/// Files whose filter is not set up here are what git stores: a pointer, with git-lfs.
void ProgramRepository::tell_unfiltered(const GitCall& call) const {
  GitCall question = call;
  question.input = must({"ls-files", "-z"}, call);
  if (question.input.empty()) return;
  const std::vector<std::string> parts = split_nul(
      must({"check-attr", "-z", "--cached", "--stdin", "filter"}, question));  // path, "filter", value
  std::map<std::string, std::pair<std::string, std::size_t>> by_filter;
  for (std::size_t i = 0; i + 2 < parts.size(); i += 3) {
    const std::string& value = parts[i + 2];
    if (value == "unspecified" || value == "unset" || value == "set" || value.empty()) continue;
    ++by_filter.try_emplace(value, parts[i], 0).first->second.second;
  }
  for (const auto& [filter, files] : by_filter) {
    const auto configured = [&, &name = filter](const char* way) {  // clang before 16 captures no binding
      return ask({"config", "--get", "filter." + name + "." + way}, call).ok();
    };
    if (configured("smudge") || configured("process")) continue;
    const std::string others = files.second > 1 ? " and " + std::to_string(files.second - 1) + " more" : "";
    services_.warn("checkouts hold " + files.first + others + " as git stores " +
                   (files.second > 1 ? "them" : "it") + ": the filter " + filter + " is not set up" +
                   (filter == "lfs" ? " (git lfs install)" : ""));
  }
}

}  // namespace ktstr::git
