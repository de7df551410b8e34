// SPDX-License-Identifier: Apache-2.0
//
// The dialogue with QEMU's monitor, as QEMU 10 was recorded to lead it.
#include "machine/qmp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>

#include "framework/temp_tree.hpp"
#include "monitor_of_tests.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TempTree;

struct QmpDialogue : ::testing::Test {
  TempTree tree;
  std::filesystem::path socket = tree / "qmp";
  std::atomic<bool> alive{true};
  Qmp::Clock::time_point soon(int ms = 5000) { return Qmp::Clock::now() + std::chrono::milliseconds(ms); }
  Qmp connect() {
    return Qmp(socket, soon(), [this] { return alive.load(); });
  }
  template <typename Body>
  std::string failure_of(const Body& body) {
    try {
      body();
    } catch (const FileError& error) {
      return error.what();
    }
    return "(none)";
  }
};

TEST_F(QmpDialogue, NegotiatesThenAnswersWhileEventsComeInBetween) {
  std::vector<std::string> asked;
  {
    Monitor monitor(socket, {kGreeting, kDone,
                             std::string(kStop) + R"({"return": {"status": "paused"}})"
                                                  "\r\n"});
    {
      Qmp qmp = connect();
      EXPECT_EQ(qmp.call("query-status", {}, soon()).at("status").as_string(), "paused");
      EXPECT_TRUE(qmp.wait_for_event("STOP", soon())) << "it came before the answer and is kept";
    }
    asked = monitor.asked();
  }
  EXPECT_THAT(asked, ElementsAre(R"({"execute":"qmp_capabilities"})", R"({"execute":"query-status"})"));
}

TEST_F(QmpDialogue, AnAnswerInPiecesIsOneAnswer) {
  Monitor monitor(socket, {kGreeting, kDone, "{\"ret", "urn\": 7}\r\n"});
  Qmp qmp = connect();
  qmp.send("a");
  qmp.send("b");
  EXPECT_EQ(qmp.call("c", {}, soon()).as_int64(), 7);
}

TEST_F(QmpDialogue, WhatQemuRefusesIsSaid) {
  Monitor monitor(socket, {kGreeting, kDone,
                           R"({"error": {"class": "GenericError", "desc": "no such snapshot"}})"
                           "\r\n",
                           R"({"return": "Error: no block device"})"
                           "\r\n",
                           R"({"return": ""})"
                           "\r\n"});
  Qmp qmp = connect();
  EXPECT_THAT(failure_of([&] { qmp.call("snapshot-load", {}, soon()); }),
              HasSubstr("QEMU refused snapshot-load: "));
  EXPECT_THAT(failure_of([&] { qmp.human("loadvm x", soon()); }),
              HasSubstr("QEMU could not do \"loadvm x\": Error: no block device"));
  EXPECT_EQ(failure_of([&] { qmp.human("savevm x", soon()); }), "(none)");
}

TEST_F(QmpDialogue, SilenceNoiseAndTheEndAreToldApart) {
  {
    Monitor monitor(socket, {kGreeting, kDone});
    Qmp qmp = connect();
    EXPECT_EQ(failure_of([&] { qmp.call("cont", {}, soon(120)); }), "QEMU's monitor did not answer in time");
    EXPECT_THAT(failure_of([&] { qmp.wait_for_event("RESUME", soon(120)); }), HasSubstr("no RESUME event"));
    alive = false;
    EXPECT_FALSE(qmp.wait_for_event("RESUME", soon()));
    EXPECT_EQ(failure_of([&] { qmp.call("cont", {}, soon()); }), "QEMU ended before its monitor answered");
  }
  std::filesystem::remove(socket);
  alive = true;
  {
    Monitor monitor(socket, {kGreeting, kDone, "half a mess\n"});
    Qmp qmp = connect();
    EXPECT_THAT(failure_of([&] { qmp.call("cont", {}, soon()); }), HasSubstr("not a message"));
  }
  std::filesystem::remove(socket);
  {
    Monitor monitor(socket, {kGreeting, kDone}, true);
    EXPECT_EQ(failure_of([&] {
                Qmp qmp = connect();
                qmp.call("cont", {}, soon());
              }),
              "QEMU closed its monitor");
  }
}

TEST_F(QmpDialogue, ASocketThatNeverComesAndOneWhosePathIsTooLong) {
  alive = false;
  EXPECT_EQ(failure_of([&] { connect(); }), "QEMU ended before its monitor answered");
  socket = tree / std::string(200, 'x');
  EXPECT_THAT(failure_of([&] { connect(); }), HasSubstr("too long for a socket"));
}

}  // namespace
}  // namespace ktstr::kvm
