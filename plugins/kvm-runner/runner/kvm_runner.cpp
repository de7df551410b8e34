// SPDX-License-Identifier: Apache-2.0
#include "runner/kvm_runner.hpp"

#include <algorithm>
#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/mutex.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/kit/text.hpp>
#include <system_error>
#include <thread>

#include "guest/test_inputs.hpp"
#include "machine/qemu_command.hpp"
#include "manifest/demands.hpp"
#include "manifest/manifest.hpp"
#include "runner/cpu_locks.hpp"
#include "runner/full_cache.hpp"
#include "runner/performance_plan.hpp"
#include "runner/probe.hpp"
#include "runner/shell.hpp"
#include "runner/verify.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void unavailable(const MachineError& error) {
  throw sdk::Error(error.environment ? KTSTR_UNAVAILABLE : KTSTR_INTERNAL, error.message, error.hint);
}

/// Turns the host's "the user asked to stop" into our flag while it lives.
class CancelWatch {
 public:
  CancelWatch(sdk::Host host, std::atomic<bool>& cancel) try
      : host_(host), cancel_(cancel), thread_([this] { watch(); }) {
  } catch (const std::system_error& failure) {
    throw sdk::Error(KTSTR_UNAVAILABLE, "cannot start a thread: " + failure.code().message(),
                     hint_for_errno(failure.code().value()));
  }
  ~CancelWatch() KTSTR_EXCLUDES(mutex_) {
    const kit::Lock lock(mutex_);
    over_ = true;
    wake_.wake_all();
  }
  CancelWatch(const CancelWatch&) = delete;
  CancelWatch& operator=(const CancelWatch&) = delete;

 private:
  void watch() KTSTR_EXCLUDES(mutex_) {
    const kit::Lock lock(mutex_);
    while (!over_) {
      if (host_.cancelled()) cancel_ = true;
      wake_.wait_for(mutex_, std::chrono::milliseconds(50));
    }
  }

  sdk::Host host_;
  std::atomic<bool>& cancel_;
  kit::Mutex mutex_;
  kit::Condition wake_;
  bool over_ KTSTR_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // last: is joined before the rest goes
};

/// In real time a performance test has whole LLCs, so that nobody else is in its caches.
std::uint32_t cores_of_whole_llcs(std::uint32_t cores, const HostLlcs& llcs) {
  std::uint32_t sum = 0;
  for (const auto& cpus : llcs) {
    if (sum < cores) sum += static_cast<std::uint32_t>(cpus.size());
  }
  return std::max(cores, sum);
}

Load load_of(const RunContext& context, const TestSpec& test, const HostLlcs& llcs) {
  Load load;
  load.cores = context.facts.deterministic ? 1 : cpu_budget(context, test);
  load.strict = test.performance_mode && !context.facts.deterministic;
  if (load.strict)
    load.cores = std::min(cores_of_whole_llcs(load.cores, llcs), std::max(load.cores, context.host_cores));
  load.memory_bytes = context.api.machine_memory_bytes(machine_request(context, test));
  return load;
}

/// What virtual time measures does not depend on who else runs, and who says how many guests there may be at
/// once lets them share cores.
CpuWish wish_of(const RunContext& context, const TestSpec& test, const RunnerRequest& request,
                const HostLlcs& llcs) {
  const LockTier tier = context.facts.deterministic ? LockTier::kShared
                        : test.performance_mode     ? LockTier::kPerformance
                        : request.jobs != 0         ? LockTier::kShared
                                                    : LockTier::kDefault;
  CpuWish wish{tier, context.facts.deterministic ? 1 : cpu_budget(context, test), {}};
  if (tier == LockTier::kPerformance && !llcs_for(test.topology, llcs).empty()) {
    for (std::uint32_t llc = 0; llc < test.topology.llcs; ++llc)
      wish.llcs.push_back(static_cast<std::uint32_t>(test.topology.cpus_of_llc(llc).size()));
  }
  return wish;
}

/// What a performance test gets of the host, beside its CPUs; told is what it does not get.
HostPlan host_plan(const RunContext& context, const TestSpec& test, const std::vector<std::uint32_t>& cpus,
                   const HostLlcs& llcs, const sdk::RunEvents& events) {
  if (!test.performance_mode || context.facts.deterministic) return {};
  const PerformancePlan plan = plan_performance(
      test.topology, cpus, node_memory(machine_request(context, test)), performance_host(llcs));
  for (const std::string& line : plan.lacking) events.progress(test.variant, line);
  return plan.host;
}

/// How many guests there may be at the same time, before anything else is known of them.
std::size_t guests_at_once(const RunnerRequest& request, std::size_t tests) {
  const std::size_t most = request.jobs != 0 ? request.jobs : host_resources().cores;
  return std::max<std::size_t>(std::min(most, tests), 1);
}

RunnerRequest request_of(std::string_view text) {
  return kit::refusing_mistakes([&] { return parse_request(text); });
}

std::vector<TestSpec> tests_of(const RunnerRequest& request, const RunnerOptions& options) {
  return kit::refusing_mistakes(
      [&] { return load_manifests(request.manifests, request.project_dir, options.schedulers); });
}

std::uint64_t mebibytes(std::uint64_t bytes) { return (bytes + (1U << 20U) - 1) >> 20U; }

}  // namespace

std::string deterministic_warning(const QemuVersion& qemu) {
  if (qemu.major > 8 || (qemu.major == 8 && qemu.minor >= 1)) return {};
  return "QEMU " + printable_start(qemu.text, 60) +
         " runs vCPUs in long turns: deterministic results repeat exactly, but differ more between seeds "
         "than with 8.1 or newer";
}

std::vector<TestSpec> select_tests(std::vector<TestSpec> tests, const RunnerRequest& request) {
  if (!request.tests.empty()) {
    std::vector<std::string_view> names;
    for (const TestSpec& test : tests) names.push_back(test.variant);
    for (const std::string& wanted : request.tests) {
      if (std::find(names.begin(), names.end(), wanted) != names.end()) continue;
      throw sdk::Error(
          KTSTR_NOT_FOUND,
          "no test is named \"" + printable_start(wanted, 100) + '"' + sdk::did_you_mean(wanted, names),
          "tests are declared in the manifests that ktstr.json lists");
    }
    std::erase_if(tests, [&](const TestSpec& test) {
      return std::find(request.tests.begin(), request.tests.end(), test.variant) == request.tests.end();
    });
  }
  if (request.performance_only)
    std::erase_if(tests, [](const TestSpec& test) { return !test.performance_mode; });
  // The caller's order: a plan that shuffles scenarios means it.
  const auto place = [&](const TestSpec& test) {
    return std::find(request.tests.begin(), request.tests.end(), test.variant);
  };
  std::stable_sort(tests.begin(), tests.end(),
                   [&](const TestSpec& a, const TestSpec& b) { return place(a) < place(b); });
  return tests;
}

KvmRunner::KvmRunner(sdk::Host host, RunnerOptions options, fs::path agent, MachineApi api)
    : host_(host), options_(std::move(options)), agent_(std::move(agent)), api_(std::move(api)) {}

MachineEnvironment KvmRunner::environment(const RunnerRequest& request, std::size_t guests) {
  if (!places_ || places_for_ != request.cache_dir || places_guests_ < guests) {
    MachinePlaces::Wish wish;
    wish.scratch = options_.scratch_dir;
    wish.cache = request.cache_dir.empty() ? fs::path() : request.cache_dir / "runner-kvm";
    wish.scratch_bytes = guests * kMachineScratchBytes;
    try {
      places_ = std::make_unique<MachinePlaces>(wish);
    } catch (const FileError& failure) {
      throw sdk::Error(KTSTR_UNAVAILABLE, printable_start(failure.what(), 600), failure.hint);
    }
    places_for_ = request.cache_dir;
    places_guests_ = guests;
    for (const std::string& line : places_->news()) host_.warning(printable_start(line, 600));
  }
  MachineEnvironment environment;
  environment.agent = agent_;
  environment.counter = agent_.parent_path() / "ktstr-counter";
  environment.scratch = places_->scratch();
  environment.cache_dir = places_->cache();
  environment.qemu = options_.qemu;
  environment.template_budget_bytes = options_.template_budget_mib << 20U;
  environment.template_max_age = std::chrono::hours(24 * options_.template_max_age_days);
  return environment;
}

MachineApi KvmRunner::api() {
  KTSTR_ASSERT(places_ != nullptr);
  return with_another_cache_when_full(
      api_, *places_, [host = host_](const std::string& line) { host.warning(printable_start(line, 600)); });
}

void KvmRunner::probe(std::string_view request_text, const sdk::Writer& out) {
  cancel_ = false;
  const RunnerRequest request = request_of(request_text);
  const CancelWatch watch(host_, cancel_);
  const MachineEnvironment chosen = environment(request, 1);
  const std::string document = probe_document(chosen, places_->news(), options_, request, api(), cancel_);
  if (cancel_) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
  out.write(document);
}

void KvmRunner::discover(std::string_view request_text, const sdk::TestVisitor& visit) {
  const RunnerRequest request = request_of(request_text);
  for (const TestSpec& test : tests_of(request, options_)) {
    visit({test.variant, test.topology.text(), test.scheduler_name(), test.work_type(),
           test.manifest.string(), test.performance_mode, test.scenario.duration_ms, test.name,
           test.scheduler ? test.scheduler->binary.string() : std::string(), demands_json(test),
           inputs_json(test, request.project_dir)});
  }
}

void KvmRunner::allow_counting(const RunnerRequest& request, RunContext& context) {
  if (!request.deterministic || context.cold)
    throw sdk::Error(
        KTSTR_UNAVAILABLE,
        std::string("instructions are counted in deterministic guests that start from a template, and ") +
            (context.cold ? "this one boots" : "this one runs in real time"),
        context.cold ? "leave out --cold, or the runner's option \"cold\"" : "add --deterministic");
  MachineError error;
  if (!context.api.can_count(context.environment, cancel_, error)) unavailable(error);
  context.count = true;
}

RunContext KvmRunner::prepare(const RunnerRequest& request, const std::vector<TestSpec>& tests,
                              const std::function<void(const std::string&)>& tell) {
  if (!request.kernel)
    throw sdk::Error(KTSTR_UNAVAILABLE, "no kernel to run the tests on",
                     "give one with --kernel, or fetch one: ktstr kernel fetch 6.18");
  std::error_code failure;
  if (!fs::is_regular_file(request.kernel->image, failure)) {
    throw sdk::Error(
        KTSTR_UNAVAILABLE,
        "the kernel image " + printable_start(request.kernel->image.string(), 300) + " does not exist");
  }
  if (!fs::is_regular_file(agent_, failure)) {
    throw sdk::Error(KTSTR_UNAVAILABLE,
                     "the guest agent " + printable_start(agent_.string(), 300) + " is missing",
                     "it belongs beside the plugin: install ktstr again");
  }
  RunContext context;
  context.environment = environment(request, guests_at_once(request, tests.size()));
  context.api = api();
  context.kernel_image = request.kernel->image;
  context.project_dir = request.project_dir;
  context.sysroot = options_.sysroot;
  context.cold = request.cold || options_.cold;
  context.host_cores = host_resources().cores;
  context.debug = [host = host_](const std::string& line) { host.debug(line); };
  context.facts.kernel_version = request.kernel->version;
  context.facts.kernel_release = request.kernel->release;
  context.facts.deterministic = request.deterministic;
  context.facts.seed = request.seed;

  MachineError error;
  const std::optional<QemuVersion> qemu = context.api.find_qemu(context.environment, cancel_, error);
  if (cancel_) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
  if (!qemu) unavailable(error);
  context.facts.qemu_version = qemu->text;
  if (request.cost) allow_counting(request, context);
  if (request.deterministic) {
    context.facts.accelerator = Accelerator::kTcg;
    const std::string warning = deterministic_warning(*qemu);
    if (!warning.empty()) host_.warning(warning);
  } else {
    const std::optional<AcceleratorVerdict> verdict = context.api.choose_accelerator(
        context.environment, options_.accel, context.kernel_image, cancel_, error);
    if (cancel_) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
    if (!verdict) unavailable(error);
    context.facts.accelerator = verdict->accelerator;
    const bool fell_back =
        options_.accel == AcceleratorChoice::kAuto && verdict->accelerator == Accelerator::kTcg;
    if (fell_back || !verdict->from_cache) tell(printable_start(verdict->why, 300));
  }
  const bool wanted =
      std::any_of(tests.begin(), tests.end(), [](const TestSpec& test) { return test.has_schedulers(); });
  if (wanted)
    context.sched_ext =
        context.api.kernel_has_sched_ext(context.environment, context.kernel_image).value_or(true);
  for (const TestSpec& test : tests) {
    if (!test.scheduler) continue;
    const auto [entry, added] = context.schedulers.try_emplace(test.scheduler->binary.string());
    if (!added) continue;
    MachineError missing;
    const FileRoot root(options_.sysroot);
    if (!collect_guest_files(request.project_dir, test.scheduler->binary, root, entry->second.files, missing))
      entry->second.error = missing;
  }
  return context;
}

void KvmRunner::run_all(const RunContext& context, const std::vector<TestSpec>& tests,
                        const RunnerRequest& request, const sdk::RunEvents& events) {
  const HostResources host = host_resources();
  const std::uint64_t limit = options_.memory_limit_mib == 0
                                  ? host.memory_bytes
                                  : std::min(host.memory_bytes, options_.memory_limit_mib << 20U);
  Capacity capacity;
  capacity.cores = host.cores;
  capacity.jobs = request.jobs;
  capacity.memory_bytes = limit / 10 * 8;  // room for everybody else
  std::vector<Load> loads;
  const HostLlcs llcs = host_llcs();
  const HostLocks locks(context.environment.cache_dir / "cpus", llcs);
  for (const TestSpec& test : tests) loads.push_back(load_of(context, test, llcs));
  KTSTR_ASSERT(loads.size() == tests.size() && !tests.empty());
  SideBySide plan(loads, capacity);

  const auto work = [&] {
    while (!cancel_) {
      const std::optional<std::size_t> index = plan.take();
      if (!index) return;
      KTSTR_ASSERT(*index < tests.size());
      const TestSpec& test = tests[*index];
      try {
        if (cancel_) {
          plan.stop();
        } else if (loads[*index].memory_bytes > limit) {
          events.started(test.variant);
          events.finished({test.variant,
                           KTSTR_TEST_ERROR,
                           {},
                           "the guest needs " + std::to_string(mebibytes(loads[*index].memory_bytes)) +
                               " MiB of host memory, " + std::to_string(limit >> 20U) +
                               " MiB are to be had\nlower memory_mib in the manifest, or raise the runner's "
                               "memory_limit_mib"});
        } else {
          const CpuLocks held = locks.take(
              wish_of(context, test, request, llcs), [&] { return cancel_.load(); },
              [&](const std::string& line) {
                events.progress("", test.variant + ": " + printable_start(line, 400));
              });
          run_test(context, test, events, cancel_, host_plan(context, test, held.cpus, llcs, events));
        }
      } catch (const std::exception& e) {
        events.finished(
            {test.variant, KTSTR_TEST_ERROR, {}, "the runner failed: " + printable_start(e.what(), 300)});
      }
      plan.give_back(*index);
    }
    plan.stop();
  };
  std::vector<std::jthread> pool;
  try {
    while (pool.size() < plan.threads()) pool.emplace_back(work);
  } catch (const std::system_error& failure) {
    host_.warning("only " + std::to_string(std::max<std::size_t>(pool.size(), 1)) + " of " +
                  std::to_string(plan.threads()) +
                  " tests at once, as no more threads can be started: " + failure.code().message());
    if (pool.empty()) work();
  }
}

void KvmRunner::run(std::string_view request_text, const sdk::RunEvents& events) {
  cancel_ = false;
  const RunnerRequest request = request_of(request_text);
  std::vector<TestSpec> tests = select_tests(tests_of(request, options_), request);
  for (TestSpec& test : tests) {
    test.trace = test.trace || request.trace;
    test.calibrate = !request.deterministic;
  }
  const CancelWatch watch(host_, cancel_);
  if (!tests.empty()) {
    const RunContext context =
        prepare(request, tests, [&](const std::string& line) { events.progress("", line); });
    run_all(context, tests, request, events);
  }
  if (cancel_) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
}

void KvmRunner::shell(std::string_view request_text, const sdk::Writer& out) {
  cancel_ = false;
  RunnerRequest request = request_of(request_text);
  request.cold = true;  // a terminal is a device that no saved machine has
  std::vector<TestSpec> tests;
  if (!request.shell.test.empty()) {
    RunnerRequest of = request;
    of.tests = {request.shell.test};
    tests = select_tests(tests_of(request, options_), of);
  }
  const CancelWatch watch(host_, cancel_);
  const RunContext context = prepare(request, tests, [&](const std::string& line) { host_.info(line); });
  const std::string answer =
      open_shell(context, request.shell, tests.empty() ? nullptr : &tests.front(), cancel_);
  if (cancel_) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
  out.write(answer);
}

void KvmRunner::verify(std::string_view request_text, const sdk::Writer& out) {
  cancel_ = false;
  const RunnerRequest request = request_of(request_text);
  const std::vector<TestSpec> tests = kit::refusing_mistakes([&] {
    return verifying_tests(request.schedulers, tests_of(request, options_), options_.schedulers,
                           request.project_dir);
  });
  const CancelWatch watch(host_, cancel_);
  const RunContext context = prepare(request, tests, [&](const std::string& line) { host_.info(line); });
  if (!context.sched_ext)
    throw sdk::Error(KTSTR_UNAVAILABLE,
                     "the kernel " + printable_start(context.kernel_image.string(), 300) +
                         " has no sched_ext (CONFIG_SCHED_CLASS_EXT)",
                     "choose another one: ktstr doctor tells which have it");
  const std::string answer = verify_schedulers(context, tests, cancel_);
  if (cancel_) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
  out.write(answer);
}

}  // namespace ktstr::kvm
