// SPDX-License-Identifier: Apache-2.0
//
// ktstr/abi/runner.h, as far as nothing has to be booted: requests, discovery, interrupting.
#include <algorithm>
#include <chrono>
#include <ktstr/kit/text.hpp>
#include <set>

#include "check/bench.hpp"
#include "plugin/collector.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

std::string request_for(Bench& bench, const std::vector<std::string>& manifests, json::object more = {}) {
  more["project_dir"] = bench.subject().project;
  more["cache_dir"] = (bench.scratch() / "cache").string();
  json::array files;
  for (const std::string& file : manifests) files.emplace_back(file);
  more["manifests"] = files;
  more["label"] = "";
  return to_text(more);
}

struct Found {
  std::vector<std::string> names;
  ktstr_status stop = KTSTR_OK;
};

Answer discover(Bench& bench, void* self, Arena& arena, const std::string& request, Found& found) {
  const ktstr_str text = arena.text(request);
  return bench.ask("discover", arena, [&](ktstr_error* e) {
    return bench.table<ktstr_runner_v1>().discover(
        self, text,
        [](void* ctx, const ktstr_test_entry* entry) noexcept {
          auto& all = *static_cast<Found*>(ctx);
          all.names.push_back(text_of(entry->name));
          return all.stop;
        },
        &found, e);
  });
}

struct Events {
  int started = 0, finished = 0;
};

Answer run(Bench& bench, void* self, Arena& arena, const std::string& request, Events& events) {
  ktstr_run_events table{};
  table.ctx = &events;
  table.started = [](void* ctx, ktstr_str) noexcept { ++static_cast<Events*>(ctx)->started; };
  table.progress = [](void*, const ktstr_progress*) noexcept {};
  table.artifact = [](void*, const ktstr_artifact*, ktstr_writer*) noexcept {
    return KTSTR_INVALID_ARGUMENT;
  };
  table.finished = [](void* ctx, const ktstr_test_end*) noexcept {
    ++static_cast<Events*>(ctx)->finished;
    return KTSTR_OK;
  };
  const auto* told = arena.in(table);
  const ktstr_str text = arena.text(request);
  return bench.ask("run", arena,
                   [&](ktstr_error* e) { return bench.table<ktstr_runner_v1>().run(self, text, told, e); });
}

/// `body` with an instance.
template <typename Body>
void on_instance(Bench& bench, Body&& body) {
  Arena arena;
  const Instance instance = bench.make();
  body(instance.self(), arena);
}

void probe(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    Collector text(1 << 20);
    const ktstr_str request = arena.text(request_for(bench, {}));
    bench.need("probe", bench.ask("probe", arena, [&](ktstr_error* e) {
      return bench.table<ktstr_runner_v1>().probe(self, request, text.writer(), e);
    }));
    const auto parsed = parse_json(text.take(), "what probe wrote");
    if (!parsed) fail(parsed.error().message);
    const json::value* checks = parsed->is_object() ? parsed->get_object().if_contains("checks") : nullptr;
    require(checks != nullptr && checks->is_array(), "what probe wrote has no array \"checks\"");
    for (const json::value& one : checks->get_array()) {
      const json::object* check = one.if_object();
      require(check != nullptr, "a check of probe is no object");
      for (const char* key : {"name", "state", "found", "fix"}) {
        const json::value* value = check->if_contains(key);
        require(value != nullptr && value->is_string(), "a check of probe lacks name, state, found or fix");
      }
      const std::string state(check->at("state").as_string());
      require(state == "ok" || state == "warn" || state == "fail",
              "the state of a check is not ok, warn or fail");
    }
  });
}

void missing_manifest(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    Found found;
    const Answer answer =
        discover(bench, self, arena, request_for(bench, {(bench.scratch() / "gone.json").string()}), found);
    require(!answer.fine(), "a manifest that is not there is no error");
    require(answer.message.find("gone.json") != std::string::npos,
            "its error does not name the manifest that is not there");
  });
}

void broken_manifest(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    int number = 0;
    for (const std::string& text : {std::string("{"), std::string("\xff\xfe\0", 3), std::string("[[[[")}) {
      const auto file = bench.scratch() / ("broken" + std::to_string(number++) + ".json");
      if (const Status written = write_file_atomically(file, text); !written) skip(written.error().message);
      Found found;
      const Answer answer = discover(bench, self, arena, request_for(bench, {file.string()}), found);
      if (answer.status != KTSTR_INVALID_ARGUMENT)
        fail("a manifest that is no JSON: status " + std::to_string(answer.status) + " instead of 2");
      require(answer.message.find("broken") != std::string::npos, "its error does not name the manifest");
    }
    if (!bench.remarks.empty()) fail(bench.remarks.front());
  });
}

std::vector<std::string> own_manifests(Bench& bench) {
  if (bench.subject().manifests.empty()) skip("no manifest to discover tests in: --manifest names one");
  return bench.subject().manifests;
}

void names(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    Found found;
    bench.need("discover", discover(bench, self, arena, request_for(bench, own_manifests(bench)), found));
    require(!found.names.empty(), "no test is in the manifests");
    require(std::is_sorted(found.names.begin(), found.names.end()), "tests are not sorted by name");
    for (const std::string& name : found.names) {
      if (name.empty() || name.find('/') != std::string::npos || printable(name) != name)
        fail("a test is called \"" + printable(name) + "\"");
    }
    require(std::set(found.names.begin(), found.names.end()).size() == found.names.size(),
            "two tests have one name");
  });
}

void names_twice(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    std::vector<std::string> twice = own_manifests(bench);
    twice.push_back(twice.front());
    Found found;
    if (!discover(bench, self, arena, request_for(bench, twice), found).fine()) return;
    require(std::set(found.names.begin(), found.names.end()).size() == found.names.size(),
            "a manifest given twice gives two tests of one name");
  });
}

void stopped_walk(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    Found found;
    found.stop = KTSTR_CANCELLED;
    const Answer answer = discover(bench, self, arena, request_for(bench, own_manifests(bench)), found);
    require(answer.status == KTSTR_CANCELLED && found.names.size() == 1,
            "a walk does not end with the status of the visitor that stopped it");
  });
}

void odd_requests(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    for (const std::string& request :
         {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("\xff"),
          std::string("{\"manifests\": 7}"), std::string("{\"manifests\": [null]}"),
          std::string(5000, '[')}) {
      Found found;
      Events events;
      discover(bench, self, arena, request, found);
      run(bench, self, arena, request, events);
      require(events.started == 0, "it runs a test that nobody asked for");
    }
    if (!bench.remarks.empty()) fail(bench.remarks.front());
  });
}

void unknown_keys(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    Found found;
    bench.need("discover", discover(bench, self, arena,
                                    request_for(bench, {}, {{"of_tomorrow", json::array{1, 2}}}), found));
  });
}

void run_nothing(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    Events events;
    run(bench, self, arena, request_for(bench, {}, {{"tests", json::array()}}), events);
    require(events.started == 0 && events.finished == 0, "it tells of tests that do not exist");
  });
}

void interrupt_idle(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    const auto before = std::chrono::steady_clock::now();
    bench.call("interrupt", [&] { bench.table<ktstr_runner_v1>().interrupt(self); });
    require(std::chrono::steady_clock::now() - before < std::chrono::seconds(1),
            "interrupt does not return at once");
    static_cast<void>(arena);
  });
}

void cancelled(Bench& bench) {
  on_instance(bench, [&](void* self, Arena& arena) {
    bench.cancelled = true;
    Events events;
    const auto before = std::chrono::steady_clock::now();
    run(bench, self, arena, request_for(bench, bench.subject().manifests), events);
    require(std::chrono::steady_clock::now() - before < std::chrono::seconds(3),
            "it goes on for seconds though the user asked to stop");
  });
}

constexpr CheckCase kCases[] = {
    {"runner-probe", kOfRunner, "tells what it needs of the machine as JSON, each with a state and a fix",
     probe, "create"},
    {"runner-missing-manifest", kOfRunner, "names a manifest that is not there", missing_manifest, "works"},
    {"runner-broken-manifest", kOfRunner, "a manifest that is no JSON is KTSTR_INVALID_ARGUMENT and named",
     broken_manifest, "works"},
    {"runner-names", kOfRunner, "discovers tests sorted, each with a printable name of its own", names,
     "works"},
    {"runner-names-twice", kOfRunner, "never names two tests alike", names_twice, "works"},
    {"runner-stopped-walk", kOfRunner, "stops a walk with the status of the visitor", stopped_walk, "works"},
    {"runner-odd-requests", kOfRunner, "answers requests that are no such JSON", odd_requests, "works"},
    {"runner-unknown-keys", kOfRunner, "ignores keys of requests that it does not know", unknown_keys,
     "works"},
    {"runner-run-nothing", kOfRunner, "tells of no test when there is none to run", run_nothing, "works"},
    {"runner-interrupt-idle", kOfRunner, "interrupt returns at once when nothing runs", interrupt_idle,
     "works"},
    {"runner-cancelled", kOfRunner, "stops within seconds when the user has asked to", cancelled, "works"},
};

}  // namespace

std::string use_runner(Bench& bench, void* self, Arena& arena) {
  Found found;
  bench.need("discover", discover(bench, self, arena, request_for(bench, bench.subject().manifests), found));
  std::string all;
  for (const std::string& name : found.names) all += name + '\n';
  return all;
}

std::span<const CheckCase> runner_cases() { return kCases; }

}  // namespace ktstr
