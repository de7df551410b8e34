// SPDX-License-Identifier: Apache-2.0
//
// ktstr/abi/store.h: what was put is there, byte for byte, and nothing else.
#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <thread>

#include "check/bench.hpp"
#include "plugin/collector.hpp"

namespace ktstr {
namespace {

constexpr const char* kKey = "6.18-abc1234";
constexpr const char* kName = "wakeups-0011223344556677.ktstr.json";

/// An instance of a store, and its functions with less around them.
class Shelf {
 public:
  explicit Shelf(Bench& bench) : bench_(bench), instance_(bench.make()), self_(instance_.self()) {}

  struct Entry {
    std::string name;
    std::uint64_t bytes;
  };
  Answer list_runs(std::vector<std::string>& keys) {
    return bench_.ask("list_runs", arena_, [&](ktstr_error* e) {
      return table().list_runs(
          self_,
          [](void* ctx, const ktstr_run_entry* entry) noexcept {
            static_cast<std::vector<std::string>*>(ctx)->push_back(text_of(entry->key));
            return KTSTR_OK;
          },
          &keys, e);
    });
  }
  using List = decltype(ktstr_store_v1::list_sidecars);
  Answer list(const char* function, List call, std::string_view key, std::vector<Entry>& entries) {
    const ktstr_str run = arena_.text(key);
    return bench_.ask(function, arena_, [&](ktstr_error* e) {
      return call(
          self_, run,
          [](void* ctx, const ktstr_sidecar_entry* entry) noexcept {
            static_cast<std::vector<Entry>*>(ctx)->push_back({text_of(entry->name), entry->bytes});
            return KTSTR_OK;
          },
          &entries, e);
    });
  }
  Answer sidecars(std::string_view key, std::vector<Entry>& entries) {
    return list("list_sidecars", table().list_sidecars, key, entries);
  }
  Answer read(std::string_view key, std::string_view name, std::string& bytes) {
    Collector collector(64 << 20);
    const ktstr_str run = arena_.text(key), file = arena_.text(name);
    const Answer answer = bench_.ask("read", arena_, [&](ktstr_error* e) {
      return table().read(self_, run, file, collector.writer(), e);
    });
    bytes = collector.take();
    return answer;
  }
  Answer begin(void*& run, std::uint32_t flags = KTSTR_RUN_PRECLEAR, std::string_view inputs = "one",
               std::string_view session = "check", std::string_view key = kKey) {
    ktstr_run_request request{};
    request.flags = flags;
    request.key = arena_.text(key);
    request.session = arena_.text(session);
    request.inputs = arena_.text(inputs);
    const auto* wanted = arena_.in(request);
    return bench_.ask("begin_run", arena_,
                      [&](ktstr_error* e) { return table().begin_run(self_, wanted, &run, e); });
  }
  Answer put(void* run, std::string_view name, std::string_view bytes, std::uint32_t flags = 0) {
    ktstr_put_request request{};
    request.flags = flags;
    request.name = arena_.text(name);
    request.bytes = arena_.text(bytes);
    const auto* wanted = arena_.in(request);
    return bench_.ask("put", arena_, [&](ktstr_error* e) { return table().put(self_, run, wanted, e); });
  }
  Answer end(void* run, std::uint32_t flags = KTSTR_RUN_COMPLETE) {
    auto* changes = arena_.out<ktstr_run_changes>();
    return bench_.ask("end_run", arena_,
                      [&](ktstr_error* e) { return table().end_run(self_, run, flags, changes, e); });
  }
  Answer remove(std::string_view key) {
    if (!KTSTR_HAS(ktstr_store_v1, &table(), remove) || table().remove == nullptr)
      does_not_apply("it removes nothing");
    const ktstr_str run = arena_.text(key);
    return bench_.ask("remove", arena_, [&](ktstr_error* e) { return table().remove(self_, run, e); });
  }
  /// One run with one file in it.
  void keep(std::string_view name, std::string_view bytes, std::uint32_t flags = 0,
            std::string_view inputs = "one", std::string_view session = "check") {
    void* run = nullptr;
    bench_.need("begin_run", begin(run, KTSTR_RUN_PRECLEAR, inputs, session));
    const Answer stored = put(run, name, bytes, flags);
    const Answer ended = end(run);
    bench_.need("put", stored);
    bench_.need("end_run", ended);
  }
  std::string names(std::string_view key = kKey) {
    std::vector<Entry> entries;
    const Answer answer = sidecars(key, entries);
    if (answer.status != KTSTR_NOT_FOUND) bench_.need("list_sidecars", answer);
    std::string all;
    for (const Entry& entry : entries) all += entry.name + ' ';
    return all;
  }
  const ktstr_store_v1& table() { return bench_.table<ktstr_store_v1>(); }
  void* self() const { return self_; }
  Arena& arena() { return arena_; }

 private:
  Bench& bench_;
  Instance instance_;
  void* self_;
  Arena arena_;
};

void expect_status(const char* what, const Answer& answer, ktstr_status expected) {
  if (answer.status == expected) return;
  fail(std::string(what) + ": status " + std::to_string(answer.status) + " instead of " +
       std::to_string(expected));
}

void empty(Bench& bench) {
  Shelf shelf(bench);
  std::vector<std::string> keys;
  bench.need("list_runs", shelf.list_runs(keys));
  require(keys.empty(),
          "a place where nobody stored anything is not empty (give --options a place of its own)");
}

void round_trip(Bench& bench) {
  std::string every;
  for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
  for (const std::string& bytes : {std::string("{}"), std::string(), every, std::string(1 << 20, '\n')}) {
    Shelf shelf(bench);
    shelf.keep(kName, bytes);
    std::string back;
    bench.need("read", shelf.read(kKey, kName, back));
    require(back == bytes, "what was read is not what was put");
  }
}

void other_instance(Bench& bench) {
  Shelf(bench).keep(kName, "kept");
  Shelf other(bench);
  std::string back;
  bench.need("read", other.read(kKey, kName, back));
  require(back == "kept", "another instance does not read what was put");
}

void listing(Bench& bench) {
  Shelf shelf(bench);
  void* run = nullptr;
  bench.need("begin_run", shelf.begin(run));
  for (const char* name : {"c.ktstr.json", "a.ktstr.json", "b.ktstr.json"})
    bench.need("put", shelf.put(run, name, "12345"));
  bench.need("end_run", shelf.end(run));
  std::vector<std::string> keys;
  bench.need("list_runs", shelf.list_runs(keys));
  require(std::count(keys.begin(), keys.end(), kKey) == 1, "list_runs does not show the run once");
  std::vector<Shelf::Entry> entries;
  bench.need("list_sidecars", shelf.sidecars(kKey, entries));
  require(entries.size() == 3, "list_sidecars does not show each sidecar once");
  require(entries[0].name == "a.ktstr.json" && entries[2].name == "c.ktstr.json",
          "sidecars are not sorted by name");
  for (const auto& entry : entries)
    require(entry.bytes == 5, "list_sidecars gives a size that is not the file's");
}

void unknown_run(Bench& bench) {
  Shelf shelf(bench);
  std::vector<Shelf::Entry> entries;
  std::string bytes;
  expect_status("list_sidecars of a run that is not there", shelf.sidecars("no-such-run", entries),
                KTSTR_NOT_FOUND);
  expect_status("read from a run that is not there", shelf.read("no-such-run", kName, bytes),
                KTSTR_NOT_FOUND);
}

void unknown_file(Bench& bench) {
  Shelf shelf(bench);
  shelf.keep(kName, "{}");
  std::string bytes;
  expect_status("read of a file that is not there", shelf.read(kKey, "other.ktstr.json", bytes),
                KTSTR_NOT_FOUND);
}

void replaced(Bench& bench) {
  Shelf shelf(bench);
  shelf.keep(kName, "first, and longer");
  shelf.keep(kName, "second");
  std::string bytes;
  bench.need("read", shelf.read(kKey, kName, bytes));
  require(bytes == "second", "a file that was put again is not the new one");
  require(shelf.names() == std::string(kName) + ' ', "a file that was put again is listed twice");
}

void nothing_put(Bench& bench) {
  Shelf shelf(bench);
  void* run = nullptr;
  bench.need("begin_run", shelf.begin(run));
  bench.need("end_run", shelf.end(run, 0));
  std::vector<std::string> keys;
  bench.need("list_runs", shelf.list_runs(keys));
  require(keys.empty(), "a run in which nothing was put is listed");
}

void other_inputs(Bench& bench) {
  Shelf shelf(bench);
  shelf.keep("old.ktstr.json", "{}", 0, "one", "first");
  shelf.keep("new.ktstr.json", "{}", 0, "two", "second");
  require(shelf.names() == "new.ktstr.json ", "results of other inputs stand beside each other");
}

void same_inputs(Bench& bench) {
  Shelf shelf(bench);
  shelf.keep("old.ktstr.json", "{}", 0, "one", "first");
  void* run = nullptr;
  bench.need("begin_run", shelf.begin(run, KTSTR_RUN_PRECLEAR | KTSTR_RUN_PARTIAL, "one", "second"));
  bench.need("put", shelf.put(run, "new.ktstr.json", "{}"));
  bench.need("end_run", shelf.end(run));
  require(shelf.names() == "new.ktstr.json old.ktstr.json ",
          "a partial run of the same inputs lost what was there");
}

void outside(Bench& bench) {
  Shelf shelf(bench);
  for (const char* name :
       {"../../escaped.ktstr.json", "../escaped.ktstr.json", "/escaped-ktstr.ktstr.json"}) {
    void* run = nullptr;
    bench.need("begin_run", shelf.begin(run));
    const Answer stored = shelf.put(run, name, "{}");
    shelf.end(run, 0);
    if (stored.fine()) fail(std::string("it took a file called ") + name);
  }
  void* run = nullptr;
  const Answer begun = shelf.begin(run, KTSTR_RUN_PRECLEAR, "one", "check", "../escaped");
  if (begun.fine()) {
    const Answer stored = shelf.put(run, kName, "{}");
    shelf.end(run, 0);
    require(!stored.fine(), "it took a run called ../escaped");
  }
  std::string bytes;
  require(!shelf.read("..", "x.ktstr.json", bytes).fine(), "it read from a run called ..");
}

void removed(Bench& bench) {
  Shelf shelf(bench);
  shelf.keep(kName, "{}");
  bench.need("remove", shelf.remove(kKey));
  std::vector<std::string> keys;
  bench.need("list_runs", shelf.list_runs(keys));
  require(keys.empty(), "a run that was removed is listed");
  expect_status("remove of a run that is not there", shelf.remove(kKey), KTSTR_NOT_FOUND);
}

void remove_open(Bench& bench) {
  Shelf shelf(bench);
  void* run = nullptr;
  bench.need("begin_run", shelf.begin(run));
  bench.need("put", shelf.put(run, kName, "{}"));
  const Answer answer = shelf.remove(kKey);
  bench.need("end_run", shelf.end(run));
  expect_status("remove of a run that is being written", answer, KTSTR_CONFLICT);
}

void artifacts(Bench& bench) {
  Shelf shelf(bench);
  if (!KTSTR_HAS(ktstr_store_v1, &shelf.table(), list_artifacts) || shelf.table().list_artifacts == nullptr)
    does_not_apply("it lists no artifacts");
  void* run = nullptr;
  bench.need("begin_run", shelf.begin(run));
  bench.need("put", shelf.put(run, kName, "{}"));
  bench.need("put",
             shelf.put(run, "wakeups-0011223344556677.failure-console.txt", "oops", KTSTR_PUT_ARTIFACT));
  bench.need("end_run", shelf.end(run));
  require(shelf.names() == std::string(kName) + ' ', "an artifact is listed among the sidecars");
  std::vector<Shelf::Entry> entries;
  bench.need("list_artifacts", shelf.list("list_artifacts", shelf.table().list_artifacts, kKey, entries));
  require(entries.size() == 1 && entries[0].bytes == 4, "list_artifacts does not show the artifact");
  std::string bytes;
  bench.need("read", shelf.read(kKey, entries[0].name, bytes));
  require(bytes == "oops", "an artifact is not what was put");
}

void read_many(Bench& bench) {
  Shelf shelf(bench);
  if (!KTSTR_HAS(ktstr_store_v1, &shelf.table(), read_many) || shelf.table().read_many == nullptr)
    does_not_apply("it reads one file at a time");
  shelf.keep(kName, "many");
  struct Seen {
    int good = 0, missing = 0, other = 0;
  } seen;
  const std::vector<ktstr_str> names = {shelf.arena().text("gone.ktstr.json"), shelf.arena().text(kName)};
  const ktstr_str key = shelf.arena().text(kKey);
  const Answer answer = bench.ask("read_many", shelf.arena(), [&](ktstr_error* e) {
    return shelf.table().read_many(
        shelf.self(), key, names.data(), names.size(),
        [](void* ctx, const ktstr_file_read* file) noexcept {
          auto& all = *static_cast<Seen*>(ctx);
          if (file->index == 1 && file->status == KTSTR_OK && text_of(file->bytes) == "many")
            ++all.good;
          else if (file->index == 0 && file->status == KTSTR_NOT_FOUND)
            ++all.missing;
          else
            ++all.other;
          return KTSTR_OK;
        },
        &seen, e);
  });
  bench.need("read_many", answer);
  require(seen.good == 1 && seen.missing == 1 && seen.other == 0,
          "read_many does not hand over each file once, one that is gone as KTSTR_NOT_FOUND");
}

void stopped_walk(Bench& bench) {
  Shelf shelf(bench);
  shelf.keep(kName, "{}");
  const Answer answer = bench.ask("list_runs", shelf.arena(), [&](ktstr_error* e) {
    return shelf.table().list_runs(
        shelf.self(), [](void*, const ktstr_run_entry*) noexcept { return KTSTR_CANCELLED; }, nullptr, e);
  });
  expect_status("a walk that the visitor stopped with 6", answer, KTSTR_CANCELLED);
}

void failing_writer(Bench& bench) {
  Shelf shelf(bench);
  shelf.keep(kName, "{}");
  const ktstr_writer refusing = {sizeof refusing, 0, nullptr,
                                 [](void*, const void*, std::uint64_t) noexcept { return KTSTR_BAD_DATA; }};
  const ktstr_str key = shelf.arena().text(kKey), name = shelf.arena().text(kName);
  const Answer answer = bench.ask("read", shelf.arena(), [&](ktstr_error* e) {
    return shelf.table().read(shelf.self(), key, name, &refusing, e);
  });
  expect_status("read into a writer that refuses with 8", answer, KTSTR_BAD_DATA);
}

void located(Bench& bench) {
  Shelf shelf(bench);
  shelf.keep(kName, "{}");
  for (const char* name : {"", kName}) {
    Collector text(1 << 16);
    const ktstr_str key = shelf.arena().text(kKey), file = shelf.arena().text(name);
    bench.need("locate", bench.ask("locate", shelf.arena(), [&](ktstr_error* e) {
      return shelf.table().locate(shelf.self(), key, file, text.writer(), e);
    }));
    const std::string place = text.take();
    require(!place.empty() && place.find('\n') == std::string::npos, "locate does not give one place");
  }
}

void sessions(Bench& bench) {
  Shelf shelf(bench);
  const ktstr_store_v1& table = shelf.table();
  if (!KTSTR_HAS(ktstr_store_v1, &table, end_session) || table.begin_session == nullptr)
    does_not_apply("it has no sessions");
  std::string keys[2];
  void* opened[2] = {};
  for (int i = 0; i < 2; ++i) {
    Collector key(1 << 12);
    const ktstr_str name = shelf.arena().text("check");
    bench.need("begin_session", bench.ask("begin_session", shelf.arena(), [&](ktstr_error* e) {
      return table.begin_session(shelf.self(), name, 0, key.writer(), &opened[i], e);
    }));
    keys[i] = key.take();
  }
  for (void* session : opened) {
    bench.need("end_session", bench.ask("end_session", shelf.arena(), [&](ktstr_error* e) {
      return table.end_session(shelf.self(), session, nullptr, e);
    }));
  }
  require(keys[0].starts_with(".sessions/check-") && keys[0] != keys[1],
          "sessions of one name have no keys \".sessions/check-…\" of their own");
}

void read_at_once(Bench& bench) {
  Shelf shelf(bench);
  shelf.keep(kName, "at once");
  const unsigned most = shelf.table().max_concurrency;
  if (most == 1) does_not_apply("it reads one file at a time");
  std::vector<std::thread> readers;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      for (int j = 0; j < 20; ++j) {
        Collector bytes(1 << 16);
        ktstr_error error{};
        error.size = sizeof error;
        const std::string_view key = kKey, name = kName;
        const CurrentCall current(bench.row().name, "read");
        if (shelf.table().read(shelf.self(), {key.data(), key.size()}, {name.data(), name.size()},
                               bytes.writer(), &error) != KTSTR_OK ||
            bytes.take() != "at once")
          ++wrong;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  require(wrong == 0, "reads that overlap fail or mix what they read");
}

void probed(Bench& bench) {
  Shelf shelf(bench);
  if (!KTSTR_HAS(ktstr_store_v1, &shelf.table(), probe) || shelf.table().probe == nullptr)
    does_not_apply("it has no probe");
  bench.need("probe", bench.ask("probe", shelf.arena(),
                                [&](ktstr_error* e) { return shelf.table().probe(shelf.self(), e); }));
  std::vector<std::string> keys;
  bench.need("list_runs", shelf.list_runs(keys));
  require(keys.empty(), "probe left a run behind");
}

constexpr CheckCase kCases[] = {
    {"store-empty", kOfStore, "a new place holds no runs", empty, "works"},
    {"store-round-trip", kOfStore, "what is put is read, byte for byte, empty and large files too",
     round_trip, "works"},
    {"store-other-instance", kOfStore, "what was put is there for the next one", other_instance, "works"},
    {"store-listing", kOfStore, "lists each run and each sidecar once, sorted, with its size", listing,
     "works"},
    {"store-unknown-run", kOfStore, "a run that is not there is KTSTR_NOT_FOUND", unknown_run, "create"},
    {"store-unknown-file", kOfStore, "a file that is not there is KTSTR_NOT_FOUND", unknown_file, "works"},
    {"store-replaced", kOfStore, "a file that is put again replaces the old one", replaced, "works"},
    {"store-nothing-put", kOfStore, "a run in which nothing was put is not there", nothing_put, "works"},
    {"store-other-inputs", kOfStore, "results of other inputs go when a run is written again", other_inputs,
     "works"},
    {"store-same-inputs", kOfStore, "a partial run of the same inputs keeps what was there", same_inputs,
     "works"},
    {"store-outside", kOfStore, "refuses names that lead out of the run", outside, "works"},
    {"store-removed", kOfStore, "a run that was removed is gone, and cannot be removed again", removed,
     "works"},
    {"store-remove-open", kOfStore, "does not remove a run that is being written", remove_open, "works"},
    {"store-artifacts", kOfStore, "keeps artifacts apart from sidecars", artifacts, "works"},
    {"store-read-many", kOfStore, "reads several files in one call, each once", read_many, "works"},
    {"store-read-at-once", kOfStore, "reads that overlap do not disturb each other", read_at_once, "works"},
    {"store-stopped-walk", kOfStore, "stops a walk with the status of the visitor", stopped_walk, "works"},
    {"store-failing-writer", kOfStore, "passes on what the writer refuses with", failing_writer, "works"},
    {"store-located", kOfStore, "says where runs and files are, in one line", located, "works"},
    {"store-sessions", kOfStore, "sessions of one name have keys of their own", sessions, "works"},
    {"store-probe", kOfStore, "probe leaves nothing behind", probed, "create"},
};

}  // namespace

std::string use_store(Bench& bench, void* self, Arena& arena) {
  const auto& table = bench.table<ktstr_store_v1>();
  ktstr_run_request request{};
  request.flags = KTSTR_RUN_PRECLEAR;
  request.key = arena.text(kKey);
  request.session = arena.text("check");
  request.inputs = arena.text("one");
  const auto* wanted = arena.in(request);
  void* run = nullptr;
  bench.need("begin_run", bench.ask("begin_run", arena,
                                    [&](ktstr_error* e) { return table.begin_run(self, wanted, &run, e); }));
  ktstr_put_request put{};
  put.name = arena.text(kName);
  put.bytes = arena.text("{\"passed\": true}");
  const auto* file = arena.in(put);
  const Answer stored =
      bench.ask("put", arena, [&](ktstr_error* e) { return table.put(self, run, file, e); });
  auto* changes = arena.out<ktstr_run_changes>();
  const Answer ended = bench.ask("end_run", arena, [&](ktstr_error* e) {
    return table.end_run(self, run, KTSTR_RUN_COMPLETE, changes, e);
  });
  bench.need("put", stored);
  bench.need("end_run", ended);
  Collector bytes(1 << 16);
  const ktstr_str key = arena.text(kKey), name = arena.text(kName);
  const ktstr_writer* out = arena.in(*bytes.writer());
  bench.need("read",
             bench.ask("read", arena, [&](ktstr_error* e) { return table.read(self, key, name, out, e); }));
  const std::string back = bytes.take();
  require(back == "{\"passed\": true}", "what was read is not what was put");
  return back;
}

std::span<const CheckCase> store_cases() { return kCases; }

}  // namespace ktstr
