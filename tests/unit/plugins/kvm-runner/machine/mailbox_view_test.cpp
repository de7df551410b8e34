// SPDX-License-Identifier: Apache-2.0
//
// The runner's side of the mailbox, with the test as the guest: it writes what it likes.
#include "machine/mailbox_view.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace ktstr::kvm {
namespace {

struct Mailbox : ::testing::Test {
  GuestMemory memory{{kMailboxBytes + (1 << 20)}};
  MailboxPlace place{1 << 20, kMailboxBytes};
  MailboxView view{memory, place};
  char* guest = static_cast<char*>(
      ::mmap(nullptr, place.size, PROT_READ | PROT_WRITE, MAP_SHARED, memory.node(0).fd, 1 << 20));
  std::vector<std::uint64_t> offsets;
  std::string result;

  ~Mailbox() override { ::munmap(guest, place.size); }
  MailboxHeader& header() const { return *reinterpret_cast<MailboxHeader*>(guest); }
  void write(std::vector<Blob> files) {
    GuestWork work;
    work.files = std::move(files);
    work.make_spec = [this](const std::vector<std::uint64_t>& all) {
      offsets = all;
      return std::string("the spec");
    };
    view.write_work(work);
  }
};

TEST_F(Mailbox, ATemplatesHeaderSaysPause) {
  view.write_template_header();
  EXPECT_EQ(header().magic, kMailboxMagic);
  EXPECT_EQ(header().version, kMailboxVersion);
  EXPECT_EQ(header().go, 0U);
}

TEST_F(Mailbox, FilesSpecAndRoomForTheResultLieApart) {
  write({{"/a", 0755, "first"}, {"/b", 0644, std::string(10'000, 'x')}, {"/c", 0644, ""}});
  ASSERT_EQ(offsets.size(), 3U);
  EXPECT_EQ(std::string_view(guest + offsets[0], 5), "first");
  EXPECT_EQ(guest[offsets[1] + 9999], 'x');
  EXPECT_GE(offsets[1], offsets[0] + 5);
  EXPECT_GE(offsets[2], offsets[1] + 10'000);
  EXPECT_EQ(header().go, 1U);
  EXPECT_EQ(std::string_view(guest + header().spec_offset, header().spec_size), "the spec");
  EXPECT_GE(header().result_offset, header().spec_offset + header().spec_size);
  EXPECT_EQ(header().result_offset + header().result_limit, place.size);
}

TEST_F(Mailbox, AGuestThatIsToBeSavedIsToldSo) {
  GuestWork work;
  work.make_spec = [](const std::vector<std::uint64_t>&) { return std::string("the spec"); };
  view.write_work(work, true, kGoAttach);
  EXPECT_EQ(header().go, kGoAttach);
  EXPECT_EQ(header().stop_to_sample, 1U);
}

TEST_F(Mailbox, TheNonceIsInTheHeaderAndOfThatMachineAlone) {
  GuestWork work;
  work.make_spec = [](const std::vector<std::uint64_t>&) { return std::string("the spec"); };
  work.nonce = "0123456789abcdef0123456789abcdef";
  view.write_work(work);
  EXPECT_EQ(std::string(header().nonce, sizeof header().nonce), work.nonce);
  write({});
  EXPECT_EQ(std::string(header().nonce, sizeof header().nonce), std::string(32, '\0'));
}

TEST_F(Mailbox, WhatDoesNotFitIsNamed) {
  try {
    write({{"/big", 0755, std::string(180 << 20, 'x')}});
    FAIL() << "it fitted";
  } catch (const FileError& error) {
    EXPECT_NE(std::string(error.what()).find("need 180 MiB"), std::string::npos) << error.what();
  }
}

TEST_F(Mailbox, TheResultIsWhereTheRunnerSaidWhateverTheHeaderSaysNow) {
  write({});
  std::memcpy(guest + header().result_offset, "{\"ok\": 1}", 9);
  header().result_size = 9;
  header().result_offset = header().result_limit = 1ULL << 60;
  ASSERT_TRUE(view.read_result(result));
  EXPECT_EQ(result, "{\"ok\": 1}");
  for (const std::uint64_t impossible : {std::uint64_t{0}, place.size, ~std::uint64_t{0}}) {
    header().result_size = impossible;
    EXPECT_FALSE(view.read_result(result)) << impossible;
  }
}

TEST_F(Mailbox, StagesAndLastWordsOfAGuestAreBounded) {
  write({});
  header().stage = static_cast<std::uint32_t>(Stage::kScenarioStarted);
  EXPECT_EQ(view.stage(), Stage::kScenarioStarted);
  header().stage = 9;
  EXPECT_EQ(view.stage(), Stage::kNone) << "no stage of this protocol";
  std::memset(header().last_words, 'w', sizeof header().last_words);
  EXPECT_EQ(view.last_words(), std::string(sizeof header().last_words, 'w')) << "without an end";
  std::strcpy(header().last_words, "no mailbox");
  header().agent_error = ENOENT;
  EXPECT_EQ(view.last_words(), "no mailbox: No such file or directory");
  header().agent_error = ~0U;
  EXPECT_EQ(view.last_words(), "no mailbox") << "no errno";
  header().heartbeat = 12;
  EXPECT_EQ(view.heartbeat(), 12U);
}

}  // namespace
}  // namespace ktstr::kvm
