// SPDX-License-Identifier: Apache-2.0
//
// ktstr/abi/baseline.h, on the tree that --project names and on one that is none.
#include <cstring>
#include <ktstr/kit/text.hpp>

#include "check/bench.hpp"
#include "plugin/collector.hpp"
#include "plugin/commit_names.hpp"

namespace ktstr {
namespace {

struct Place {
  std::uint32_t flags = 0;
  std::string id, label;
};

void check_commit(const ktstr_commit& commit) {
  require(std::memchr(commit.id, 0, sizeof commit.id) != nullptr &&
              std::memchr(commit.label, 0, sizeof commit.label) != nullptr &&
              std::memchr(commit.summary, 0, sizeof commit.summary) != nullptr,
          "a text of a commit is not NUL-terminated");
  if (!is_commit_id(commit.id)) fail("a commit's id is not printable: " + printable(commit.id));
  if (!is_commit_label(commit.label))
    fail("a commit's label cannot be part of names: " + printable(commit.label));
}

Answer describe(Bench& bench, void* self, Arena& arena, const std::string& path, Place& tree) {
  auto* commit = arena.out<ktstr_commit>();
  auto* out = arena.out<ktstr_tree>();
  out->commit = commit;
  const ktstr_str at = arena.text(path);
  const Answer answer = bench.ask("describe", arena, [&](ktstr_error* e) {
    return bench.table<ktstr_baseline_v1>().describe(self, at, out, e);
  });
  if (!answer.fine()) return answer;
  if (commit->id[0] != '\0') check_commit(*commit);
  tree = {out->flags, commit->id, commit->label};
  return answer;
}

Answer resolve(Bench& bench, void* self, Arena& arena, const std::string& path, const std::string& base,
               std::string& id) {
  ktstr_baseline_request request{};
  request.path = arena.text(path);
  request.base = arena.text(base);
  request.default_branch = arena.text("main");
  const auto* wanted = arena.in(request);
  auto* commit = arena.out<ktstr_commit>();
  auto* out = arena.out<ktstr_resolved>();
  out->commit = commit;
  const Answer answer = bench.ask("resolve", arena, [&](ktstr_error* e) {
    return bench.table<ktstr_baseline_v1>().resolve(self, wanted, out, e);
  });
  if (answer.fine()) {
    check_commit(*commit);
    require(out->how >= KTSTR_BASELINE_BASE && out->how <= KTSTR_BASELINE_DEFAULT,
            "resolve does not say how it chose");
    id = commit->id;
  }
  return answer;
}

/// The project's tree; without a commit there is nothing to look at.
Place project_tree(Bench& bench, void* self, Arena& arena) {
  Place tree;
  bench.need("describe", describe(bench, self, arena, bench.subject().project, tree));
  if ((tree.flags & KTSTR_TREE_IS_REPOSITORY) == 0 || tree.id.empty())
    skip(printable(bench.subject().project) + " is no tree with a commit for it: --project names one");
  return tree;
}

/// `body` with an instance and the project's tree.
template <typename Body>
void on_tree(Bench& bench, Body&& body) {
  Arena arena;
  const Instance instance = bench.make();
  body(instance.self(), arena, project_tree(bench, instance.self(), arena));
}

void no_repository(Bench& bench) {
  Arena arena;
  const Instance instance = bench.make();
  const std::string place = (bench.scratch() / "project").string();
  Place tree;
  bench.need("describe", describe(bench, instance.self(), arena, place, tree));
  if (tree.flags != 0 || !tree.id.empty())
    does_not_apply("it takes an empty directory for a tree of its own");
  std::string id;
  const Answer answer = resolve(bench, instance.self(), arena, place, "x", id);
  if (answer.status != KTSTR_UNAVAILABLE)
    fail("resolve without a repository: status " + std::to_string(answer.status) + " instead of 4");
}

void no_directory(Bench& bench) {
  Arena arena;
  const Instance instance = bench.make();
  Place tree;
  describe(bench, instance.self(), arena, (bench.scratch() / "not-there").string(), tree);
  if (!bench.remarks.empty()) fail(bench.remarks.front());
}

void same_again(Bench& bench) {
  on_tree(bench, [&](void* self, Arena& arena, const Place& tree) {
    require(project_tree(bench, self, arena).id == tree.id, "describe gives another commit each time");
  });
}

void resolve_own(Bench& bench) {
  on_tree(bench, [&](void* self, Arena& arena, const Place& tree) {
    std::string id;
    bench.need("resolve", resolve(bench, self, arena, bench.subject().project, tree.id, id));
    require(id == tree.id, "the id that describe gave does not resolve to itself");
  });
}

void resolve_unknown(Bench& bench) {
  on_tree(bench, [&](void* self, Arena& arena, const Place&) {
    for (const char* name :
         {"no-such-revision-ktstr", "--help", "\x1b[31m", "0000000000000000000000000000000000000000"}) {
      std::string id;
      const Answer answer = resolve(bench, self, arena, bench.subject().project, name, id);
      if (answer.status != KTSTR_NOT_FOUND)
        fail("resolve of " + printable(name) + ": status " + std::to_string(answer.status) + " instead of 1");
    }
    if (!bench.remarks.empty()) fail(bench.remarks.front());
  });
}

void checkout(Bench& bench) {
  on_tree(bench, [&](void* self, Arena& arena, const Place& tree) {
    const auto place = bench.scratch() / "checkout";
    std::filesystem::create_directory(place);
    const ktstr_str path = arena.text(bench.subject().project), id = arena.text(tree.id),
                    to = arena.text(place.string());
    bench.need("checkout", bench.ask("checkout", arena, [&](ktstr_error* e) {
      return bench.table<ktstr_baseline_v1>().checkout(self, path, id, to, 0, e);
    }));
    require(!std::filesystem::is_empty(place), "checkout wrote nothing");
    require(!std::filesystem::exists(place / ".git"), "checkout left a .git in the copy");
  });
}

void checkout_unknown(Bench& bench) {
  on_tree(bench, [&](void* self, Arena& arena, const Place&) {
    const auto place = bench.scratch() / "checkout";
    std::filesystem::create_directory(place);
    const ktstr_str path = arena.text(bench.subject().project), id = arena.text("no-such-revision-ktstr"),
                    to = arena.text(place.string());
    const Answer answer = bench.ask("checkout", arena, [&](ktstr_error* e) {
      return bench.table<ktstr_baseline_v1>().checkout(self, path, id, to, 0, e);
    });
    require(!answer.fine(), "checkout of a commit that does not exist succeeds");
  });
}

struct Walk {
  std::vector<std::string> ids;
  ktstr_status stop = KTSTR_OK;
};

Answer range(Bench& bench, void* self, Arena& arena, const std::string& good, const std::string& bad,
             Walk& walk) {
  const auto& table = bench.table<ktstr_baseline_v1>();
  if (!KTSTR_HAS(ktstr_baseline_v1, &table, range) || table.range == nullptr)
    does_not_apply("it lists no commits of a range");
  const ktstr_str path = arena.text(bench.subject().project), from = arena.text(good), to = arena.text(bad);
  return bench.ask("range", arena, [&](ktstr_error* e) {
    return table.range(
        self, path, from, to,
        [](void* ctx, const ktstr_commit* commit) noexcept {
          auto& all = *static_cast<Walk*>(ctx);
          all.ids.emplace_back(commit->id);
          return all.stop;
        },
        &walk, e);
  });
}

void range_of_one(Bench& bench) {
  on_tree(bench, [&](void* self, Arena& arena, const Place& tree) {
    Walk walk;
    bench.need("range", range(bench, self, arena, tree.id, tree.id, walk));
    require(walk.ids.size() == 1 && walk.ids[0] == tree.id,
            "the range from a commit to itself is not that commit");
    walk.stop = KTSTR_CANCELLED;
    require(range(bench, self, arena, tree.id, tree.id, walk).status == KTSTR_CANCELLED,
            "a walk does not end with the status of the visitor that stopped it");
  });
}

void range_unknown(Bench& bench) {
  on_tree(bench, [&](void* self, Arena& arena, const Place& tree) {
    Walk walk;
    const Answer answer = range(bench, self, arena, "no-such-revision-ktstr", tree.id, walk);
    if (answer.status != KTSTR_NOT_FOUND)
      fail("range from a name that does not resolve: status " + std::to_string(answer.status) +
           " instead of 1");
  });
}

void diff_command(Bench& bench) {
  on_tree(bench, [&](void* self, Arena& arena, const Place& tree) {
    const auto& table = bench.table<ktstr_baseline_v1>();
    if (!KTSTR_HAS(ktstr_baseline_v1, &table, diff_command) || table.diff_command == nullptr)
      does_not_apply("it has no command that shows a difference");
    const auto* request = arena.in(ktstr_diff_request{0, 0, arena.text(bench.subject().project),
                                                      arena.text(tree.id), arena.text(tree.id)});
    Collector text(1 << 12);
    bench.need("diff_command", bench.ask("diff_command", arena, [&](ktstr_error* e) {
      return table.diff_command(self, request, text.writer(), e);
    }));
    const std::string line = text.take();
    require(!line.empty() && printable(line) == line, "diff_command is not one printable line");
  });
}

void changed_files(Bench& bench) {
  on_tree(bench, [&](void* self, Arena& arena, const Place& tree) {
    const auto& table = bench.table<ktstr_baseline_v1>();
    if (!KTSTR_HAS(ktstr_baseline_v1, &table, changed_files) || table.changed_files == nullptr)
      does_not_apply("it does not tell what a change consists of");
    const auto* request = arena.in(ktstr_diff_request{0, 0, arena.text(bench.subject().project),
                                                      arena.text(tree.id), arena.text(tree.id)});
    int paths = 0;
    const Answer answer = bench.ask("changed_files", arena, [&](ktstr_error* e) {
      return table.changed_files(
          self, request,
          [](void* ctx, ktstr_str) noexcept {
            ++*static_cast<int*>(ctx);
            return KTSTR_OK;
          },
          &paths, e);
    });
    if (answer.status == KTSTR_UNSUPPORTED) does_not_apply("it does not tell what a change consists of");
    bench.need("changed_files", answer);
    require(paths == 0, "files differ between a commit and itself");
  });
}

constexpr CheckCase kCases[] = {
    {"baseline-no-repository", kOfBaseline,
     "describes a directory without a repository; resolve is KTSTR_UNAVAILABLE", no_repository, "create"},
    {"baseline-no-directory", kOfBaseline, "answers for a directory that is not there", no_directory,
     "create"},
    {"baseline-same-again", kOfBaseline, "gives the same commit each time", same_again, "works"},
    {"baseline-resolve-own", kOfBaseline, "takes back the id that it gave", resolve_own, "works"},
    {"baseline-resolve-unknown", kOfBaseline, "a revision that is not there is KTSTR_NOT_FOUND",
     resolve_unknown, "works"},
    {"baseline-checkout", kOfBaseline, "copies a commit's files, without .git", checkout, "works"},
    {"baseline-checkout-unknown", kOfBaseline, "does not check out a commit that is not there",
     checkout_unknown, "works"},
    {"baseline-range", kOfBaseline, "the range from a commit to itself is that commit; a visitor stops it",
     range_of_one, "works"},
    {"baseline-range-unknown", kOfBaseline, "a range from nowhere is KTSTR_NOT_FOUND", range_unknown,
     "works"},
    {"baseline-diff-command", kOfBaseline, "its command for a difference is one printable line", diff_command,
     "works"},
    {"baseline-changed-files", kOfBaseline, "nothing differs between a commit and itself", changed_files,
     "works"},
};

}  // namespace

std::string use_baseline(Bench& bench, void* self, Arena& arena) {
  Place tree;
  bench.need("describe", describe(bench, self, arena, bench.subject().project, tree));
  return tree.id + tree.label;
}

std::span<const CheckCase> baseline_cases() { return kCases; }

}  // namespace ktstr
