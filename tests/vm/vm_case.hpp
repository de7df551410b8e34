// SPDX-License-Identifier: Apache-2.0
//
// The real plugin, loaded the way the host loads it, with a host that records what it says. KTSTR_TEST_KERNEL
// names the kernel image; without it these tests fail, because a machine that cannot run them has tested
// nothing.
#pragma once
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <ktstr/abi/library.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ktstr/sdk.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "framework/json_difference.hpp"
#include "framework/run_program.hpp"

namespace ktstr::vm {

namespace fs = std::filesystem;
namespace json = boost::json;
using ktstr::testing::differences;

/// What one test came to.
struct TestRecord {
  std::uint32_t outcome = 99;
  std::string message, sidecar, dump, report, trace, stacks;
  json::object document() const { return json::parse(sidecar).as_object(); }
};

/// Everything that differs between two runs of the same thing (docs/deterministic-mode.md); the host's own
/// keys are null here.
inline std::string without_volatile(const std::string& sidecar) {
  json::object document = json::parse(sidecar).as_object();
  document.erase("timing");
  document.erase("cleanup_duration_ms");
  return json::serialize(document);
}

class VmCase : public ::testing::Test {
 protected:
  /// One cache for all cases of this process, so that a template is made once.
  static void SetUpTestSuite() {
    std::string pattern = (fs::temp_directory_path() / "ktstr-vm-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory() = pattern;
    scratch() = "/dev/shm/ktstr-vm-test-" + std::to_string(::getpid());
  }
  static void TearDownTestSuite() {
    std::error_code ignored;
    fs::remove_all(directory(), ignored);
    fs::remove_all(scratch(), ignored);
  }

  void SetUp() override {
    const char* kernel = std::getenv("KTSTR_TEST_KERNEL");
    ASSERT_TRUE(kernel != nullptr && fs::is_regular_file(kernel))
        << "KTSTR_TEST_KERNEL must name a kernel image with sched_ext";
    kernel_ = kernel;
    void* library = ::dlopen(KTSTR_KVM_PLUGIN, RTLD_NOW | RTLD_LOCAL);  // never closed: plugins stay mapped
    ASSERT_NE(library, nullptr) << ::dlerror();
    const auto entry = reinterpret_cast<const ktstr_plugin* (*)()>(::dlsym(library, "ktstr_plugin_entry_v1"));
    ASSERT_NE(entry, nullptr);
    impl_ = &entry()->impls[0];
    table_ = static_cast<const ktstr_runner_v1*>(impl_->interface_table);
    make_host();
    const std::string options =
        json::serialize(json::object{{"accel", "tcg"}, {"scratch_dir", scratch().string()}});
    ktstr_error error{sizeof(ktstr_error), 0, {}, {}};
    ktstr_create_request request{};
    request.size = sizeof request;
    request.options = sdk::str(options);
    ASSERT_EQ(impl_->create(&host_, &request, &self_, &error), KTSTR_OK) << error.message;
  }
  void TearDown() override {
    if (self_ != nullptr) impl_->destroy(self_);
    expect_valid_sidecars();
    if (HasFatalFailure()) return;
    EXPECT_EQ(left_behind(), "") << "something was left behind";
  }

  /// Runs the tests of a manifest; the status of the call is kept in `status` and `error_text`.
  std::map<std::string, TestRecord> run(const std::string& manifest, const json::object& more = {}) {
    const fs::path path = directory() / "manifest.json";
    std::ofstream(path) << manifest;
    json::object request{{"project_dir", directory().string()},
                         {"cache_dir", (directory() / "cache").string()},
                         {"manifests", json::array{path.string()}},
                         {"seed", 1},
                         {"kernel", {{"image", kernel_}}}};
    for (const auto& entry : more) request[entry.key()] = entry.value();
    records_.clear();
    const std::string text = json::serialize(request);
    ktstr_error error{sizeof(ktstr_error), 0, {}, {}};
    status = table_->run(self_, sdk::str(text), &events_, &error);
    error_text = error.message;
    return records_;
  }
  TestRecord run_one(const std::string& manifest, const json::object& more = {}) {
    const auto records = run(manifest, more);
    EXPECT_EQ(status, KTSTR_OK) << error_text;
    EXPECT_EQ(records.size(), 1U);
    return records.empty() ? TestRecord{} : records.begin()->second;
  }
  void interrupt() { table_->interrupt(self_); }

  /// Names of QEMU processes that are children of this one.
  static std::vector<pid_t> qemu_children() {
    std::vector<pid_t> found;
    std::error_code failure;
    for (const auto& task : fs::directory_iterator("/proc/self/task", failure)) {
      std::ifstream children(task.path() / "children");
      for (pid_t pid = 0; children >> pid;) {
        std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
        std::string name;
        std::getline(comm, name);
        if (name.starts_with("qemu-system")) found.push_back(pid);
      }
    }
    return found;
  }
  static std::string left_behind() {
    std::string text;
    for (const pid_t pid : qemu_children()) text += "QEMU " + std::to_string(pid) + " ";
    std::error_code failure;
    for (const auto& entry : fs::recursive_directory_iterator(scratch(), failure))
      text += entry.path().string() + " ";
    return text;
  }

  static fs::path& directory() {
    static fs::path path;
    return path;
  }
  static fs::path& scratch() {
    static fs::path path;
    return path;
  }

  ktstr_status status = KTSTR_OK;
  std::string error_text;
  std::function<void(const std::string&)> on_note;  ///< called on the runner's threads
  std::function<void(const std::string&)> on_started;

 private:
  static VmCase& of(void* ctx) { return *static_cast<VmCase*>(ctx); }
  void make_host() {
    host_.size = sizeof host_;
    host_.abi_major = KTSTR_ABI_MAJOR;
    host_.abi_minor = KTSTR_ABI_MINOR;
    host_.ctx = this;
    host_.log = [](const ktstr_host*, std::int32_t, ktstr_str) noexcept {};
    host_.cancelled = [](const ktstr_host*) noexcept -> std::int32_t { return 0; };
    host_.extension = [](const ktstr_host*, const char*) noexcept -> const void* {
      static constexpr ktstr_library_service kLibrary{
          sizeof(ktstr_library_service), 0,
          [](const ktstr_host*, ktstr_str) noexcept -> ktstr_str { return sdk::str(KTSTR_KVM_PLUGIN); }};
      return &kLibrary;
    };
    events_.size = sizeof events_;
    events_.ctx = this;
    events_.started = [](void* ctx, ktstr_str test) noexcept {
      if (of(ctx).on_started) of(ctx).on_started(std::string(sdk::view(test)));
    };
    events_.progress = [](void* ctx, const ktstr_progress* news) noexcept {
      if (of(ctx).on_note) of(ctx).on_note(std::string(sdk::view(news->text)));
    };
    events_.artifact = [](void* ctx, const ktstr_artifact* artifact,
                          ktstr_writer* out) noexcept -> ktstr_status {
      return of(ctx).with(artifact->test, [&](TestRecord& record) {
        const std::string_view name = sdk::view(artifact->name);
        out->ctx = name == "dump.json"     ? &record.dump
                   : name == "trace.txt"   ? &record.trace
                   : name == "cost.folded" ? &record.stacks
                                           : &record.report;
        out->write = [](void* dump, const void* data, std::uint64_t len) noexcept -> ktstr_status {
          static_cast<std::string*>(dump)->append(static_cast<const char*>(data), len);
          return KTSTR_OK;
        };
      });
    };
    events_.finished = [](void* ctx, const ktstr_test_end* end) noexcept -> ktstr_status {
      return of(ctx).with(end->test, [&](TestRecord& record) {
        record.outcome = end->outcome;
        record.message = sdk::view(end->message);
        record.sidecar = sdk::view(end->sidecar);
        if (!record.sidecar.empty()) of(ctx).sidecars_.push_back(record.sidecar);
      });
    };
  }
  /// Every sidecar that the runner handed over is complete, but for what the host fills in.
  void expect_valid_sidecars() {
    const std::lock_guard lock(mutex_);
    if (sidecars_.empty()) return;
    testing::Program check{
        {"python3", KTSTR_SCHEMA_DIR "/sidecar_schema.py", KTSTR_SIDECAR_SCHEMA, "--runner"},
        {},
        {},
        false,
        {},
        {},
        std::chrono::seconds(60)};
    for (const std::string& sidecar : sidecars_) {
      const fs::path path = directory() / ("sidecar-" + std::to_string(check.argv.size()) + ".json");
      std::ofstream(path) << sidecar;
      check.argv.push_back(path.string());
    }
    const testing::ProgramResult result = testing::run_program(check);
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  }
  ktstr_status with(ktstr_str test, const std::function<void(TestRecord&)>& change) {
    const std::lock_guard lock(mutex_);
    change(records_[std::string(sdk::view(test))]);
    return KTSTR_OK;
  }

  std::string kernel_;
  const ktstr_impl* impl_ = nullptr;
  const ktstr_runner_v1* table_ = nullptr;
  void* self_ = nullptr;
  ktstr_host host_{};
  ktstr_run_events events_{};
  std::mutex mutex_;
  std::map<std::string, TestRecord> records_;
  std::vector<std::string> sidecars_;  ///< of all runs of this case
};

}  // namespace ktstr::vm
