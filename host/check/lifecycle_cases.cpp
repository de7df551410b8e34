// SPDX-License-Identifier: Apache-2.0
//
// How instances are made, what they are handed, and how they end: the same for every kind.
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <ktstr/kit/text.hpp>
#include <thread>

#include "check/bench.hpp"

namespace ktstr {
namespace {

void create(Bench& bench) { bench.make(); }

void create_often(Bench& bench) {
  for (int i = 0; i < 100; ++i) bench.make();
}

void works(Bench& bench) {
  Arena arena;
  const Instance instance = bench.make();
  use(bench, instance.self(), arena);
}

/// What one use gives in memory of that kind must be what it gives otherwise.
void same_in(Bench& bench, Arena::Mode mode) {
  Arena plain, other(mode);
  std::string expected;
  {
    const Instance instance = bench.make();
    expected = use(bench, instance.self(), plain);
  }
  std::filesystem::remove_all(bench.scratch() / "runs");
  std::filesystem::create_directory(bench.scratch() / "runs");
  {
    const Instance instance = bench.make();
    require(use(bench, instance.self(), other) == expected, "its answers differ");
  }
  require(other.intact(), "it wrote behind the fields of a struct");
}
void longer_structs(Bench& bench) { same_in(bench, Arena::Mode::kLonger); }
void read_only_input(Bench& bench) { same_in(bench, Arena::Mode::kReadOnly); }
void borrowed_input(Bench& bench) { same_in(bench, Arena::Mode::kBorrowed); }

void make_from(Bench& bench, Arena::Mode mode) {
  Arena arena(mode);
  const ktstr_host* host = arena.out<ktstr_host>(bench.host());
  const ktstr_create_request* request = arena.in(bench.request(arena));
  void* self = nullptr;
  const Answer answer = bench.ask(
      "create", arena, [&](ktstr_error* e) { return bench.impl().create(host, request, &self, e); });
  if (answer.status == KTSTR_INVALID_ARGUMENT) skip("create: " + printable(answer.message));
  bench.need("create", answer);
  Arena plain;
  use(bench, self, plain);
  bench.destroy(self);
  require(arena.intact(), "it wrote behind the fields of a struct");
}
void longer_request(Bench& bench) { make_from(bench, Arena::Mode::kLonger); }
void borrowed_request(Bench& bench) { make_from(bench, Arena::Mode::kBorrowed); }
void read_only_request(Bench& bench) { make_from(bench, Arena::Mode::kReadOnly); }

void two_instances(Bench& bench) {
  Arena arena;
  Instance first = bench.make();
  const Instance second = bench.make();
  use(bench, first.self(), arena);
  first.end();
  use(bench, second.self(), arena);
}

/// Runs in a thread; what a case throws there is thrown here.
void in_thread(const std::function<void()>& body) {
  std::exception_ptr thrown;
  std::thread thread([&] {
    try {
      body();
    } catch (...) {
      thrown = std::current_exception();
    }
  });
  thread.join();
  if (thrown) std::rethrow_exception(thrown);
}

void other_threads(Bench& bench) {
  Instance instance = bench.make();
  in_thread([&] {
    Arena arena;
    use(bench, instance.self(), arena);
  });
  in_thread([&] { instance.end(); });
}

void at_the_same_time(Bench& bench) {
  const Instance first = bench.make(), second = bench.make();
  if (kind_of_interface(bench.row().interface_id) == kOfStore)
    does_not_apply("both would write the same run");
  std::exception_ptr thrown;
  std::thread other([&] {
    try {
      Arena arena;
      for (int i = 0; i < 3; ++i) {
        if (i > 0 && kind_of_interface(bench.row().interface_id) == kOfReporter) break;
        use(bench, second.self(), arena);
      }
    } catch (...) {
      thrown = std::current_exception();
    }
  });
  std::exception_ptr here;
  try {
    Arena arena;
    use(bench, first.self(), arena);
  } catch (...) {
    here = std::current_exception();
  }
  other.join();
  if (thrown) std::rethrow_exception(thrown);
  if (here) std::rethrow_exception(here);
}

/// Options that the host would not let through, or that no schema can refuse: any answer will do that is one.
void odd_options(Bench& bench) {
  const std::string deep = std::string(2000, '[') + std::string(2000, ']');
  const std::string long_key = "{\"" + std::string(100000, 'k') + "\":1}";
  for (const std::string& options :
       {std::string("{\"no-such-option\":1}"), std::string("{"), std::string("null"), std::string("[]"),
        std::string("\xff\xfe"), std::string("{\"\\u0000\":\"\\u001b[31m\"}"), std::string("{}\0{}", 5), deep,
        long_key}) {
    Arena arena;
    void* const untouched = &arena;
    void* self = untouched;
    const ktstr_create_request request = bench.request(arena, options);
    const Answer answer = bench.create(bench.host(), request, &self, arena);
    if (answer.fine()) {
      bench.destroy(self);
    } else if (self != untouched) {
      fail("create failed and set *self all the same");
    }
  }
  if (!bench.remarks.empty()) fail(bench.remarks.front());
}

/// A host whose error struct has nothing but its size: the rest of it is not there.
void short_error(Bench& bench) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  auto* pages = static_cast<char*>(
      ::mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (pages == MAP_FAILED) skip("no memory");
  ::mprotect(pages + page, page, PROT_NONE);
  auto* error = reinterpret_cast<ktstr_error*>(pages + page - 8);
  Arena arena;
  bool refused = false;
  for (const char* options : {"{", "[]", "{\"no-such-option\":1}"}) {
    error->size = 8;
    error->code = 0;
    void* self = nullptr;
    const ktstr_create_request request = bench.request(arena, options);
    const ktstr_status status =
        bench.call("create", [&] { return bench.impl().create(&bench.host(), &request, &self, error); });
    if (status == KTSTR_OK) bench.destroy(self);
    refused = refused || status != KTSTR_OK;
  }
  if (!refused) does_not_apply("it refuses none of the options that are wrong");
}

void no_services(Bench& bench) {
  ktstr_host host = bench.host();
  host.extension = [](const ktstr_host*, const char*) noexcept -> const void* { return nullptr; };
  Arena arena;
  void* self = nullptr;
  const ktstr_create_request request = bench.request(arena);
  if (bench.create(host, request, &self, arena).fine()) bench.destroy(self);
  if (!bench.remarks.empty()) fail(bench.remarks.front());
}

void read_only_instance(Bench& bench) {
  Arena arena;
  void* self = nullptr;
  ktstr_create_request request = bench.request(arena);
  request.flags = KTSTR_CREATE_READ_ONLY;
  const Answer answer = bench.create(bench.host(), request, &self, arena);
  if (answer.status == KTSTR_INVALID_ARGUMENT) skip("create: " + printable(answer.message));
  bench.need("create", answer);
  bench.destroy(self);
}

void log_lines(Bench& bench) {
  {
    Arena arena;
    const Instance instance = bench.make();
    use(bench, instance.self(), arena);
  }
  for (const Bench::Line& line : bench.log) {
    if (line.level < KTSTR_LOG_DEBUG || line.level > KTSTR_LOG_ERROR)
      fail("it logs with a level that does not exist");
    if (!is_one_line(line.text)) fail("it logs what is not one line of UTF-8: " + printable(line.text));
  }
}

void unknown_extension(Bench& bench) {
  const ktstr_impl& impl = bench.impl();
  if (!KTSTR_HAS(ktstr_impl, &impl, extension) || impl.extension == nullptr)
    does_not_apply("it has no extensions");
  const Instance instance = bench.make();
  const void* found =
      bench.call("extension", [&] { return impl.extension(instance.self(), "org.example.nothing/9"); });
  require(found == nullptr, "it claims an extension that does not exist");
}

void end_of_life(Bench& bench) {
  bench.make();
  bench.call("deinit", [&] { bench.unload(); });
}

constexpr CheckCase kCases[] = {
    {"create", kOfEvery, "is made from its options and freed", create, "loads"},
    {"works", kOfEvery, "does what its kind does, once", works, "create"},
    {"create-often", kOfEvery, "is made and freed a hundred times", create_often, "create"},
    {"two-instances", kOfEvery, "works while another instance lives, and after that one has gone",
     two_instances, "works"},
    {"other-threads", kOfEvery, "works and is freed in other threads than the one that made it",
     other_threads, "works"},
    {"at-the-same-time", kOfEvery, "works in two threads at once, an instance each", at_the_same_time,
     "works"},
    {"longer-structs", kOfEvery, "takes structs that have grown and writes nothing behind what it knows",
     longer_structs, "works"},
    {"read-only-input", kOfEvery, "writes to nothing that it is only given to read", read_only_input,
     "works"},
    {"borrowed-input", kOfEvery, "keeps nothing that it was handed for a call", borrowed_input, "works"},
    {"longer-request", kOfEvery, "is made by a host whose tables have grown", longer_request, "works"},
    {"read-only-request", kOfEvery, "does not write to what it is made from", read_only_request, "works"},
    {"borrowed-request", kOfEvery, "copies what it needs of what it is made from", borrowed_request, "works"},
    {"odd-options", kOfEvery, "answers options that are broken with an error, *self untouched", odd_options,
     "create"},
    {"short-error", kOfEvery, "writes no more of an error than the host has room for", short_error, "create"},
    {"no-services", kOfEvery, "lives with a host that offers no services", no_services, "create"},
    {"read-only-instance", kOfEvery, "can be made only to look", read_only_instance, "create"},
    {"log-lines", kOfEvery, "logs lines of UTF-8, of a known level", log_lines, "works"},
    {"unknown-extension", kOfEvery, "has no extension that nobody defined", unknown_extension, "create"},
    {"end-of-life", kOfEvery, "its deinit returns once the last instance is gone", end_of_life, "create"},
};

}  // namespace

std::span<const CheckCase> lifecycle_cases() { return kCases; }

}  // namespace ktstr
