// SPDX-License-Identifier: Apache-2.0
//
// A whole baseline for a project without version control: builds.txt lists its builds, oldest first, and
// versions/ID keeps the files of each.
#include <ktstr/sdk.hpp>

#include "builds.hpp"

namespace {

namespace fs = std::filesystem;
namespace sdk = ktstr::sdk;

/// Ids are short and unique: they are the labels, too.
ktstr_commit commit_of(const builds::Build& build) {
  return sdk::commit_of(build.id, build.id, build.summary);
}

class FileBaseline : public sdk::Baseline {
 public:
  FileBaseline(sdk::Host, const sdk::Creation&) {}

  void describe(std::string_view path, ktstr_tree& out) override {
    const fs::path root = root_of(path);
    if (root.empty()) return;  // no list: flags stay 0
    const builds::List list = list_of(root);
    out.flags = KTSTR_TREE_IS_REPOSITORY;
    const std::string below = fs::path(path).lexically_normal().lexically_relative(root).string();
    sdk::copy_text(out.subdirectory, below == "." ? "" : below);
    if (list.all().empty()) return;
    const builds::Build& head = list.all().back();
    sdk::fill_commit(*out.commit, commit_of(head));
    const std::string state = builds::difference(directory_of(list, head), root);
    if (state.empty()) return;
    out.flags |= KTSTR_TREE_DIRTY;
    sdk::copy_text(out.state, state);
  }

  void resolve(const ktstr_baseline_request& request, ktstr_resolved& out) override {
    const builds::List list = list_of(must_root_of(sdk::view(request.path)));
    if (list.all().empty()) throw sdk::Error(KTSTR_NOT_FOUND, "builds.txt lists no build yet");
    const std::string_view wanted = sdk::view(request.base);
    if (wanted.empty() && (request.base_ref.len > 0 || request.ci_base_ref.len > 0))
      throw sdk::Error(KTSTR_UNSUPPORTED, "builds have no branches to start from", "--base ID");
    if (wanted.empty() && list.all().size() < 2)
      throw sdk::Error(KTSTR_NOT_FOUND, "there is no build before " + list.all().back().id);
    const std::size_t at = wanted.empty() ? list.all().size() - 2 : list.find(wanted);
    out.how = wanted.empty() ? KTSTR_BASELINE_DEFAULT : KTSTR_BASELINE_BASE;
    sdk::fill_commit(*out.commit, commit_of(list.all()[at]));
    sdk::copy_text(out.how_text, wanted.empty() ? "the build before" : "build " + list.all()[at].id);
  }

  void checkout(std::string_view path, std::string_view commit, std::string_view destination,
                std::uint32_t flags) override {
    const fs::path root = must_root_of(path);
    if ((flags & KTSTR_CHECKOUT_WORKTREE) == 0) {
      const builds::List list = list_of(root);
      builds::copy_tree(directory_of(list, list.all()[list.find(commit)]), destination);
      return;
    }
    for (const auto& entry : fs::directory_iterator(root)) {  // the tree, without what is not its own
      const fs::path name = entry.path().filename();
      if (name == "versions" || name == "target" || name == "builds.txt") continue;
      if (entry.is_directory()) {
        fs::create_directory(destination / name);
        builds::copy_tree(entry.path(), destination / name);
      } else {
        builds::copy_tree(entry.path(), destination / name);
      }
    }
  }

  void range(std::string_view path, std::string_view good, std::string_view bad,
             const sdk::CommitVisitor& visit) override {
    const builds::List list = list_of(must_root_of(path));
    const std::size_t first = list.find(good), last = list.find(bad);
    if (first > last)
      throw sdk::Error(KTSTR_NOT_FOUND,
                       "build " + std::string(good) + " does not come before " + std::string(bad));
    for (std::size_t i = first; i <= last; ++i) visit(commit_of(list.all()[i]));
  }

  std::string diff_command(std::string_view path, std::string_view base, std::string_view head) override {
    const fs::path root = must_root_of(path);
    const builds::List list = list_of(root);
    const auto place = [](const builds::Build& build) { return "versions/" + build.id; };
    if (base.empty() && list.find(head) == 0) return {};
    const builds::Build& from = list.all()[base.empty() ? list.find(head) - 1 : list.find(base)];
    return "cd " + root.string() + " && diff -ru " + place(from) + " " +
           (head.empty() ? "." : place(list.all()[list.find(head)]));
  }

 private:
  static builds::List list_of(const fs::path& root) { return {root / "builds.txt", root / "versions"}; }
  /// The directory above `path`, or itself, that has a list; empty: none.
  static fs::path root_of(const fs::path& path) {
    for (fs::path at = path.lexically_normal();; at = at.parent_path()) {
      if (fs::is_regular_file(at / "builds.txt")) return at;
      if (at == at.parent_path()) return {};
    }
  }
  static fs::path must_root_of(const fs::path& path) {
    fs::path root = root_of(path);
    if (root.empty())
      throw sdk::Error(KTSTR_UNAVAILABLE, "no builds.txt in " + path.string() + " or above it",
                       "list the builds there, oldest first: ID SUMMARY");
    return root;
  }
  static fs::path directory_of(const builds::List& list, const builds::Build& build) {
    const fs::path directory = list.directory(build);
    if (!fs::is_directory(directory))
      throw sdk::Error(KTSTR_NOT_FOUND, "the files of build " + build.id + " are not there",
                       "keep them in " + directory.string());
    return directory;
  }
};

}  // namespace

KTSTR_PLUGIN("com.example.baseline-file", KTSTR_PLUGIN_VERSION, "Example Inc", "Apache-2.0",
             sdk::baseline_impl<FileBaseline>("builds", "builds that a file lists, for projects without git"))
