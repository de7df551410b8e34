// SPDX-License-Identifier: Apache-2.0
//
// The cache of saved guests, with a made-up guest in place of a booted one.
#include "machine/template_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <set>
#include <thread>

#include "framework/namespaces.hpp"
#include "framework/temp_tree.hpp"
#include "machine/files.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TempTree;

const std::atomic<bool> never_stop{false};
constexpr std::uint64_t kNode = 1 << 20;

/// "Boots" a guest: some bytes here and there.
void boot(const MachineFiles& files, const GuestMemory& memory) {
  for (std::size_t i = 0; i < memory.nodes(); ++i) {
    for (off_t at = 0; at < static_cast<off_t>(kNode); at += 100'000) {
      if (::pwrite(memory.node(i).fd, "guest", 5, at) != 5) throw FileError("boot");
    }
  }
  write_file_atomically(files.state(), "state of the devices");
}

struct TemplateCache : ::testing::Test {
  TempTree tree;
  MachineEnvironment environment;
  std::vector<std::string> notes;
  int boots = 0;
  TemplateCache() {
    environment.cache_dir = tree.directory("cache");
    environment.scratch = tree.directory("scratch");
  }
  TemplateCopy copy(const std::string& key = "k1") {
    const kit::ScratchDirectory scratch = make_scratch_directory(environment.scratch);
    const MachineFiles files(scratch.path());
    GuestMemory memory({kNode, kNode});
    const TemplateCopy made = copy_template(
        environment, key, files, memory, "booting a guest",
        [this](const auto& where, const auto& empty) { ++boots, boot(where, empty); },
        [&] { EXPECT_EQ(read_file(files.state(), 100), "state of the devices"); },
        [this](const std::string& note) { notes.push_back(note); }, never_stop);
    char text[5] = {};
    EXPECT_EQ(::pread(memory.node(1).fd, text, 5, 300'000), 5);
    EXPECT_EQ(std::string_view(text, 5), "guest");
    EXPECT_EQ(::pread(memory.node(1).fd, text, 5, 300'100), 5);
    EXPECT_EQ(std::string_view(text, 5), std::string_view("\0\0\0\0\0", 5));
    EXPECT_EQ(read_file(files.state(), 100), "state of the devices");
    return made;
  }
};

TEST(AttachedKey, FollowsFromAllThatTheGuestHasDone) {
  const auto key = [](const std::string& booted, const std::string& spec, const std::string& contents) {
    GuestWork before;
    before.files = {{"/opt/ktstr/bin/scx_demo", 0755, contents}};
    before.make_spec = [&](const std::vector<std::uint64_t>&) { return spec; };
    return attached_key(booted, before);
  };
  EXPECT_EQ(key("k1", "spec", "program"), key("k1", "spec", "program"));
  std::set<std::string> all{"k1", key("k1", "spec", "program"), key("k2", "spec", "program"),
                            key("k1", "other", "program"), key("k1", "spec", "another")};
  EXPECT_EQ(all.size(), 5U);
}

TEST_F(TemplateCache, IsMadeOnceAndCopied) {
  const TemplateCopy first = copy(), second = copy();
  EXPECT_TRUE(first.made);
  EXPECT_FALSE(second.made);
  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(boots, 1);
  EXPECT_TRUE(fs::is_empty(environment.scratch));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("booting a guest")));
}

TEST_F(TemplateCache, ADamagedFileIsNoticedNamedAndMadeAgain) {
  const std::string id = copy().id;
  for (const char* name : {"ram0", "ram1", "state.qcow2", "template.json"}) {
    for (const char* how : {"bent", "short", "empty", "gone"}) {
      const fs::path file = fs::path("cache/templates/k1") / name;
      const std::string whole = tree.read(file);
      std::string bytes = whole;
      bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
      if (how == std::string("short")) bytes = whole.substr(0, whole.size() / 2);
      if (how == std::string("empty")) bytes.clear();
      tree.write(file, bytes);
      if (how == std::string("gone")) fs::remove(tree / file);
      notes.clear();
      const int before = boots;
      const TemplateCopy again = copy();
      EXPECT_EQ(boots, before + 1) << name << " " << how;
      EXPECT_EQ(again.id, id);
      EXPECT_THAT(notes, ElementsAre("the saved guest in " + (tree / "cache/templates/k1").string() +
                                     " is damaged; making it anew"))
          << name << " " << how;
      EXPECT_FALSE(copy().made);
    }
  }
}

TEST_F(TemplateCache, OldAndTooManyAreEvictedWithTheirLocks) {
  copy("k1"), copy("k2"), copy("k3");
  fs::last_write_time(tree / "cache/templates/k1",
                      fs::file_time_type::clock::now() - std::chrono::hours(24 * 30));
  evict_templates(environment);
  EXPECT_FALSE(tree.exists("cache/templates/k1"));
  EXPECT_FALSE(tree.exists("cache/templates/k1.lock"));
  EXPECT_TRUE(tree.exists("cache/templates/k2"));
  environment.template_budget_bytes = 0;
  evict_templates(environment);
  EXPECT_TRUE(fs::is_empty(tree / "cache/templates"));
  EXPECT_TRUE(copy("k1").made);
}

TEST_F(TemplateCache, AWaitForTheLockEndsWhenAskedTo) {
  copy();
  std::atomic<bool> cancel{false};
  const kit::ScratchDirectory scratch = make_scratch_directory(environment.scratch);
  const MachineFiles files(scratch.path());
  GuestMemory memory({kNode, kNode});
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancel = true;
  });
  fs::remove_all(tree / "cache/templates/k1");
  const auto slow = [&](const MachineFiles& where, const GuestMemory& empty) {
    boot(where, empty);
    GuestMemory mine({kNode, kNode});
    copy_template(environment, "k1", files, mine, "", boot, {}, {},
                  cancel);  // the lock is ours already: this waits
  };
  EXPECT_THROW(copy_template(environment, "k1", files, memory, "", slow, {}, {}, cancel), Cancelled);
}

// What a CI machine does to a job: SIGKILL at any moment, each time the same process id (1), with cache and
// scratch shared.
TEST_F(TemplateCache, AHundredKillsAtAnyMomentLeaveAGoodNextRun) {
  if (!testing::namespaces_permitted()) GTEST_SKIP() << "no permission to make namespaces";
  const auto work = [this] {
    environment.template_budget_bytes = 0;  // made, used and evicted again and again
    for (int i = 0;; ++i) {
      copy();
      write_file_atomically(environment.cache_dir / "note",
                            std::string(10'000, static_cast<char>('a' + i % 26)));
    }
    return 0;
  };
  for (int i = 0; i < 100; ++i) {
    const pid_t victim = testing::start_in_namespaces(work);
    std::this_thread::sleep_for(std::chrono::microseconds(500 + 397 * i));
    ::kill(victim, SIGKILL);
    testing::exit_code_of(victim);
  }
  const auto begin = std::chrono::steady_clock::now();
  sweep_scratch_directories(environment.scratch);
  copy();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20))
      << "nothing that is left blocks anybody";
  evict_templates(environment);
  kit::sweep_temporaries(environment.cache_dir);
  EXPECT_TRUE(fs::is_empty(environment.scratch));
  for (const auto& entry : fs::directory_iterator(environment.cache_dir / "templates")) {
    EXPECT_THAT(entry.path().filename().string(), ::testing::AnyOf("k1", "k1.lock"));
  }
  for (const auto& entry : fs::directory_iterator(environment.cache_dir)) {
    EXPECT_THAT(entry.path().filename().string(), ::testing::AnyOf("templates", "note", "template-seconds"));
  }
  const std::string note = tree.exists("cache/note") ? tree.read("cache/note") : "a";
  EXPECT_EQ(note.find_first_not_of(note.front()), std::string::npos) << "a mix of two writes";
}

TEST_F(TemplateCache, TwoPidNamespacesThatShareItLeaveEachOtherAlone) {
  if (!testing::namespaces_permitted()) GTEST_SKIP() << "no permission to make namespaces";
  const auto work = [this] {
    for (int i = 0; i < 20; ++i) {
      sweep_scratch_directories(environment.scratch);
      const std::string id = copy("k" + std::to_string(i % 3)).id;
      if (id.empty() || HasFailure()) return 1;
      evict_templates(environment);
    }
    return 0;
  };
  const pid_t a = testing::start_in_namespaces(work), b = testing::start_in_namespaces(work),
              c = testing::start_in_namespaces(work);
  for (const pid_t pid : {a, b, c}) EXPECT_EQ(testing::exit_code_of(pid), 0);
  EXPECT_TRUE(fs::is_empty(environment.scratch));
}

}  // namespace
}  // namespace ktstr::kvm
