// SPDX-License-Identifier: Apache-2.0
//
// Stores, baselines and runners, called by chance. Nothing is named that lies outside of the case's own
// directory, whatever the plugin makes of the names.
#include <algorithm>
#include <array>
#include <ktstr/kit/text.hpp>

#include "check/bench.hpp"
#include "check/dice.hpp"
#include "check/fuzz.hpp"
#include "plugin/collector.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kMostRead = 64 << 20;

/// A text that leads at most one step up, which is still the case's own.
std::string name_of(Dice& dice) {
  std::string name = dice.text();
  if (name.starts_with('/')) name.erase(0, name.find_first_not_of('/'));
  for (std::size_t at = 0; (at = name.find("..", at + 2)) != std::string::npos;) name[at] = '_';
  return dice.one_in(3) ? "6.18-abc1234" : name;
}

ktstr_status count_sidecar(void* ctx, const ktstr_sidecar_entry*) noexcept {
  ++*static_cast<std::size_t*>(ctx);
  return KTSTR_OK;
}

void read_what_is_there(Bench& bench, Dice& dice, Arena& arena, void* self) {
  const auto& table = bench.table<ktstr_store_v1>();
  std::size_t seen = 0;
  bench.ask("list_runs", arena, [&](ktstr_error* e) {
    return table.list_runs(
        self,
        [](void* ctx, const ktstr_run_entry*) noexcept -> ktstr_status {
          return ++*static_cast<std::size_t*>(ctx) > 3 ? KTSTR_CANCELLED : KTSTR_OK;
        },
        &seen, e);
  });
  const ktstr_str key = arena.text(name_of(dice)), name = arena.text(name_of(dice));
  bench.ask("list_sidecars", arena,
            [&](ktstr_error* e) { return table.list_sidecars(self, key, count_sidecar, &seen, e); });
  const ktstr_str run = arena.text(name_of(dice)), file = arena.text(name_of(dice));
  Collector bytes(dice.one_in(3) ? 1 : kMostRead);
  bench.ask("read", arena, [&](ktstr_error* e) { return table.read(self, run, file, bytes.writer(), e); });
  static_cast<void>(name);
}

struct Seen {
  std::size_t count = 0, most = SIZE_MAX;
  ktstr_status next() { return ++count > most ? KTSTR_CANCELLED : KTSTR_OK; }
};

std::string manifest_of(Dice& dice) {
  if (dice.one_in(2)) return dice.document();
  json::object test{{"name", valid_utf8(dice.text())}, {"topology", "1n1l1c1t"}};
  std::string text = to_text(json::object{{"tests", json::array{test}}}, 0);
  if (dice.one_in(2)) text[dice.up_to(text.size() - 1)] = static_cast<char>(dice.any());
  return text;
}

std::string request_of(Bench& bench, Dice& dice, const std::string& manifest) {
  if (dice.one_in(4)) return dice.document();
  json::object request{{"project_dir", bench.scratch().string()},
                       {"cache_dir", (bench.scratch() / "cache").string()},
                       {"manifests", json::array{manifest}},
                       {"tests", json::array{valid_utf8(dice.text())}},
                       {"label", valid_utf8(dice.text())}};
  if (dice.one_in(3)) request["manifests"] = valid_utf8(dice.text());
  if (dice.one_in(3)) request[valid_utf8(dice.text())] = dice.document();
  std::string text = to_text(request, 0);
  if (dice.one_in(4)) text.resize(dice.up_to(text.size()));
  return text;
}

}  // namespace

void fuzz_store(Bench& bench, Dice& dice) {
  Arena arena;
  const Instance instance = bench.make();
  const auto& table = bench.table<ktstr_store_v1>();
  ktstr_run_request request{};
  request.flags = dice.flags();
  request.key = arena.text(name_of(dice));
  request.session = arena.text(dice.text());
  request.inputs = arena.text(dice.text());
  const auto* wanted = arena.in(request);
  void* run = nullptr;
  const Answer begun = bench.ask(
      "begin_run", arena, [&](ktstr_error* e) { return table.begin_run(instance.self(), wanted, &run, e); });
  for (std::size_t left = begun.fine() ? dice.how_many(4) : 0; left > 0; --left) {
    ktstr_put_request file{};
    file.flags = dice.flags();
    file.name = arena.text(dice.one_in(2) ? "wakeups-0011223344556677.ktstr.json" : name_of(dice));
    file.bytes = arena.text(dice.one_in(2) ? dice.document() : dice.text());
    const auto* put = arena.in(file);
    bench.ask("put", arena, [&](ktstr_error* e) { return table.put(instance.self(), run, put, e); });
  }
  auto* changes = arena.out<ktstr_run_changes>();
  const std::uint32_t how = dice.flags();
  if (begun.fine())
    bench.ask("end_run", arena,
              [&](ktstr_error* e) { return table.end_run(instance.self(), run, how, changes, e); });
  read_what_is_there(bench, dice, arena, instance.self());
}

void fuzz_baseline(Bench& bench, Dice& dice) {
  Arena arena;
  const Instance instance = bench.make();
  const auto& table = bench.table<ktstr_baseline_v1>();
  const std::string tree = dice.one_in(4) ? dice.text() : bench.subject().project;
  auto* commit = arena.out<ktstr_commit>();
  auto* described = arena.out<ktstr_tree>();
  described->commit = commit;
  const ktstr_str path = arena.text(tree);
  bench.ask("describe", arena,
            [&](ktstr_error* e) { return table.describe(instance.self(), path, described, e); });
  ktstr_baseline_request request{};
  request.path = path;
  for (ktstr_str* text : {&request.base, &request.base_ref, &request.ci_base_ref})
    *text = arena.text(dice.one_in(2) ? "" : dice.text());
  request.default_branch = arena.text(dice.one_in(2) ? "main" : "x" + dice.text());
  const auto* wanted = arena.in(request);
  auto* resolved = arena.out<ktstr_resolved>();
  resolved->commit = commit;
  bench.ask("resolve", arena,
            [&](ktstr_error* e) { return table.resolve(instance.self(), wanted, resolved, e); });
  Seen seen{0, dice.one_in(3) ? dice.up_to(3) : SIZE_MAX};
  const ktstr_str good = arena.text(dice.text()), bad = arena.text(dice.one_in(2) ? "HEAD" : dice.text());
  if (KTSTR_HAS(ktstr_baseline_v1, &table, range) && table.range != nullptr) {
    bench.ask("range", arena, [&](ktstr_error* e) {
      return table.range(
          instance.self(), path, good, bad,
          [](void* ctx, const ktstr_commit*) noexcept { return static_cast<Seen*>(ctx)->next(); }, &seen, e);
    });
  }
  if (!KTSTR_HAS(ktstr_baseline_v1, &table, changed_files) || table.changed_files == nullptr) return;
  const auto* change = arena.in(ktstr_diff_request{0, 0, path, good, bad});
  bench.ask("changed_files", arena, [&](ktstr_error* e) {
    return table.changed_files(
        instance.self(), change,
        [](void* ctx, ktstr_str) noexcept { return static_cast<Seen*>(ctx)->next(); }, &seen, e);
  });
}

void fuzz_runner(Bench& bench, Dice& dice) {
  Arena arena;
  const Instance instance = bench.make();
  const auto& table = bench.table<ktstr_runner_v1>();
  const auto file = bench.scratch() / "manifest.json";
  if (const Status written = write_file_atomically(file, manifest_of(dice)); !written)
    skip(written.error().message);
  const ktstr_str request = arena.text(request_of(bench, dice, file.string()));
  Seen seen{0, dice.one_in(3) ? dice.up_to(3) : SIZE_MAX};
  bench.ask("discover", arena, [&](ktstr_error* e) {
    return table.discover(
        instance.self(), request,
        [](void* ctx, const ktstr_test_entry*) noexcept { return static_cast<Seen*>(ctx)->next(); }, &seen,
        e);
  });
}

}  // namespace ktstr
