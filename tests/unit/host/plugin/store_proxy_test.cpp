// SPDX-License-Identifier: Apache-2.0
//
// What a store hands over in read_many is held to the rules: each file once, nothing that was not asked for.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <stdexcept>

#include "plugin/proxies.hpp"

namespace ktstr {
namespace {

using Visit = std::function<ktstr_status(std::uint64_t index, ktstr_status status, std::string_view bytes)>;
/// What the store does in its next read_many.
std::function<ktstr_status(const Visit&)> behaviour;

ktstr_status read_many(void*, ktstr_str, const ktstr_str*, std::uint64_t, ktstr_file_visitor visit, void* ctx,
                       ktstr_error*) noexcept {
  return behaviour([&](std::uint64_t index, ktstr_status status, std::string_view bytes) {
    ktstr_error error{};
    error.size = sizeof error;
    std::snprintf(error.message, sizeof error.message, "file %d is damaged", static_cast<int>(index));
    const ktstr_file_read file{sizeof file, status, index, {bytes.data(), bytes.size()}, &error};
    return visit(ctx, &file);
  });
}

class ReadMany : public ::testing::Test {
 protected:
  static std::unique_ptr<StorePort> store() {
    static const ktstr_store_v1 table = [] {
      ktstr_store_v1 made{};
      made.size = sizeof made;
      made.max_concurrency = 1000;
      made.read_many = read_many;
      return made;
    }();
    static const ktstr_impl impl = [] {
      ktstr_impl made{};
      made.size = sizeof made;
      made.create = [](const ktstr_host*, const ktstr_create_request*, void**,
                       ktstr_error*) noexcept -> ktstr_status { return KTSTR_OK; };
      made.destroy = [](void*) noexcept {};
      made.interface_table = &table;
      return made;
    }();
    auto made = PluginInstance::make(nullptr, &impl, "store odd", "{}");
    return store_proxy(std::move(*made), "odd");
  }
  /// By index: the bytes, or "! " and the message.
  std::map<std::size_t, std::string> read(std::size_t files) {
    std::vector<StorePort::FileWish> wishes;
    for (std::size_t i = 0; i < files; ++i) wishes.push_back({"f" + std::to_string(i), 0});
    std::map<std::size_t, std::string> seen;
    store()->read_many("run", wishes, 10, [&](std::size_t i, Result<std::string> bytes) {
      EXPECT_TRUE(seen.emplace(i, bytes ? *bytes : "! " + bytes.error().message).second) << i << " twice";
    });
    return seen;
  }
};

TEST_F(ReadMany, GivesBytesAndReasonsInAnyOrder) {
  behaviour = [](const Visit& visit) {
    visit(2, KTSTR_OK, "two");
    visit(0, KTSTR_IO, "");
    return visit(1, KTSTR_OK, "");
  };
  const auto seen = read(3);
  EXPECT_NE(seen.at(0).find("file 0 is damaged"), std::string::npos) << seen.at(0);
  EXPECT_EQ(seen.at(1), "");
  EXPECT_EQ(seen.at(2), "two");
}

TEST_F(ReadMany, TellsOfFilesThatWereLeftOut) {
  behaviour = [](const Visit& visit) { return visit(0, KTSTR_OK, "zero"); };
  auto seen = read(2);
  EXPECT_EQ(seen.at(0), "zero");
  EXPECT_EQ(seen.at(1), "! store odd said nothing of f1");
  behaviour = [](const Visit& visit) {
    visit(0, KTSTR_OK, "zero");
    return KTSTR_UNAVAILABLE;
  };
  seen = read(2);
  EXPECT_EQ(seen.at(0), "zero");
  EXPECT_EQ(seen.at(1).front(), '!');
}

TEST_F(ReadMany, TakesNoFileTwiceAndNoneThatWasNotAskedFor) {
  std::vector<ktstr_status> answers;
  behaviour = [&](const Visit& visit) {
    for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX})
      answers.push_back(visit(index, KTSTR_OK, "zero"));
    return KTSTR_OK;
  };
  EXPECT_EQ(read(1).at(0), "zero");
  EXPECT_EQ(answers, (std::vector<ktstr_status>{KTSTR_OK, KTSTR_INVALID_ARGUMENT, KTSTR_INVALID_ARGUMENT,
                                                KTSTR_INVALID_ARGUMENT}));
}

TEST_F(ReadMany, TakesNoMoreBytesThanAllowed) {
  behaviour = [](const Visit& visit) { return visit(0, KTSTR_OK, "eleven byte"); };
  EXPECT_NE(read(1).at(0).find("run/f0 is larger than"), std::string::npos);
}

TEST_F(ReadMany, PassesOnWhatTheVisitorThrows) {
  behaviour = [](const Visit& visit) { return visit(0, KTSTR_OK, ""); };
  const auto thrower = [](std::size_t, Result<std::string>) { throw std::runtime_error("enough"); };
  EXPECT_THROW(store()->read_many("run", {{"f0", 0}}, 10, thrower), std::runtime_error);
}

TEST_F(ReadMany, OverlapsAtMostAsManyCallsAsTheAbiSays) {
  EXPECT_EQ(store()->max_concurrency(), KTSTR_STORE_MOST_CALLS);
}

}  // namespace
}  // namespace ktstr
