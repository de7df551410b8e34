// SPDX-License-Identifier: Apache-2.0
//
// What objects amount to, in whatever order they are listed.
#include "run_view.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace ktstr::s3_store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kPlace = "v1/runs/6.18-abc1234";

/// Builds the objects of a run; writers A, B, C, … begin in that order.
class Objects {
 public:
  Objects& begin(char writer, Mode mode, const std::string& inputs, const std::string& session,
                 bool partial = false) {
    return add(begin_name(kPlace, id(writer), {mode, partial, short_hash(inputs), short_hash(session)}));
  }
  Objects& put(char writer, std::uint64_t number, const std::string& name) {
    return add(file_name(kPlace, id(writer), number, name));
  }
  Objects& removed(char writer, std::uint64_t number, const std::string& name) {
    return add(removed_name(kPlace, id(writer), number, name));
  }
  Objects& dropped(char writer, std::uint64_t number, const std::string& object) {
    return add(dropped_name(kPlace, id(writer), number, object));
  }
  Objects& end(char writer) { return add(end_name(kPlace, id(writer), true)); }
  static std::string id(char writer) { return "01JZ000000000000000000000" + std::string(1, writer); }

  RunView view() const {
    const RunView forwards = resolve_run(all_);
    std::vector<ListedObject> turned(all_.rbegin(), all_.rend());
    EXPECT_EQ(names(forwards.files), names(resolve_run(turned).files))
        << "the order of the list says nothing";
    return forwards;
  }
  /// "name<writer number"
  static std::vector<std::string> names(const Files& files) {
    std::vector<std::string> out;
    for (const auto& [name, object] : files) {
      const auto parsed = parse_object_name(object.key);
      out.push_back(name + "<" + parsed->writer.back() + std::to_string(parsed->number));
    }
    return out;
  }

 private:
  Objects& add(const std::string& key) {
    all_.push_back({key, "e" + std::to_string(all_.size()), 1, static_cast<std::int64_t>(all_.size())});
    return *this;
  }
  std::vector<ListedObject> all_;
};

std::vector<std::string> files(const Objects& objects) { return Objects::names(objects.view().files); }

TEST(RunView, OfNothingIsNothing) {
  EXPECT_THAT(files(Objects()), IsEmpty());
  EXPECT_THAT(resolve_run({{"v1/runs/x/other.ktstr.json", "", 1, 1}}).files, IsEmpty()) << "nobody's objects";
  EXPECT_THAT(files(Objects().begin('A', Mode::kReplace, "i", "a")), IsEmpty());
}

TEST(RunView, OtherInputsTakeThePlaceOfAllThereWas) {
  Objects objects;
  objects.begin('A', Mode::kReplace, "old", "a")
      .put('A', 1, "x.ktstr.json")
      .put('A', 2, "y.ktstr.json")
      .end('A');
  objects.begin('B', Mode::kReplace, "new", "b").put('B', 1, "x.ktstr.json");
  EXPECT_THAT(files(objects), ElementsAre("x.ktstr.json<B1"));
  const RunView view = objects.view();
  ASSERT_EQ(view.past.size(), 1U);
  EXPECT_EQ(view.past[0].id, Objects::id('A'));
  EXPECT_THAT(Objects::names(view.past[0].files), ElementsAre("x.ktstr.json<A1", "y.ktstr.json<A2"));
  EXPECT_EQ(view.inputs, short_hash("new"));
  objects.begin('C', Mode::kReplace, "", "c").put('C', 1, "z.ktstr.json");
  EXPECT_THAT(files(objects), ElementsAre("z.ktstr.json<C1")) << "nobody knows from what it follows";
}

TEST(RunView, TheSameInputsReplaceFileByFile) {
  Objects objects;
  objects.begin('A', Mode::kReplace, "i", "a").put('A', 1, "x.ktstr.json").put('A', 2, "x.failure-dump.json");
  objects.put('A', 3, "y.ktstr.json").put('A', 4, "y.failure-dump.json");
  objects.begin('B', Mode::kReplace, "i", "b", true).put('B', 1, "x.ktstr.json");
  EXPECT_THAT(files(objects), ElementsAre("x.ktstr.json<B1", "y.failure-dump.json<A4", "y.ktstr.json<A3"))
      << "a test that ran again has its own dump or none";
}

TEST(RunView, WritersOfOneInvocationStandBesideEachOther) {
  Objects objects;
  objects.begin('A', Mode::kReplace, "old", "before").put('A', 1, "old.ktstr.json");
  objects.begin('B', Mode::kReplace, "new", "one").put('B', 1, "x.ktstr.json");
  objects.begin('C', Mode::kReplace, "new", "one").put('C', 1, "y.ktstr.json");
  EXPECT_THAT(files(objects), ElementsAre("x.ktstr.json<B1", "y.ktstr.json<C1"));
  objects.begin('D', Mode::kReplace, "other", "one").put('D', 1, "z.ktstr.json");
  EXPECT_EQ(files(objects).size(), 3U);
  EXPECT_EQ(objects.view().inputs, kNoHash) << "one invocation, two inputs";
}

TEST(RunView, LaterNumbersOfAWriterCount) {
  Objects objects;
  objects.begin('A', Mode::kKeep, "i", "a").put('A', 1, "m.run-manifest.json").put('A', 2, "x.ktstr.json");
  objects.put('A', 3, "m.run-manifest.json")
      .put('A', 10, "x.ktstr.json")
      .removed('A', 11, "gone")
      .removed('A', 12, "m.run-manifest.json");
  EXPECT_THAT(files(objects), ElementsAre("x.ktstr.json<A10"));
}

TEST(RunView, DropsAnObjectAndNotItsName) {
  Objects objects;
  objects.begin('A', Mode::kReplace, "i", "a").put('A', 1, "x.ktstr.json").put('A', 2, "y.ktstr.json");
  objects.begin('B', Mode::kReplace, "i", "b").put('B', 1, "y.ktstr.json");
  objects.dropped('B', 2, file_name(kPlace, Objects::id('A'), 1, "x.ktstr.json"));
  objects.dropped('B', 3, file_name(kPlace, Objects::id('A'), 2, "y.ktstr.json"));
  EXPECT_THAT(files(objects), ElementsAre("y.ktstr.json<B1"));
}

TEST(RunView, HistoryIsWhatNothingLaterShows) {
  Objects objects;
  objects.begin('A', Mode::kReplace, "i", "a").put('A', 1, "x.ktstr.json").put('A', 2, "y.ktstr.json");
  objects.begin('B', Mode::kReplace, "i", "b", true).put('B', 1, "z.ktstr.json");
  EXPECT_THAT(objects.view().past, IsEmpty()) << "nothing was replaced";
  objects.begin('C', Mode::kReplace, "i", "c", true).put('C', 1, "x.ktstr.json");
  ASSERT_EQ(objects.view().past.size(), 1U);
  EXPECT_THAT(Objects::names(objects.view().past[0].files),
              ElementsAre("x.ktstr.json<A1", "y.ktstr.json<A2", "z.ktstr.json<B1"));
}

TEST(RunView, APassIsClearedByEachWriterThatWantsIt) {
  Objects objects;
  objects.begin('A', Mode::kClear, "i", "a").put('A', 1, "x.ktstr.json");
  objects.begin('B', Mode::kClear, "i", "a").put('B', 1, "y.ktstr.json");
  objects.begin('C', Mode::kKeep, "i", "a").put('C', 1, "z.ktstr.json");
  EXPECT_THAT(files(objects), ElementsAre("y.ktstr.json<B1", "z.ktstr.json<C1"));
  EXPECT_THAT(objects.view().past, IsEmpty());
}

TEST(RunView, StampAndWritersTellOfChanges) {
  Objects objects;
  objects.begin('A', Mode::kReplace, "i", "a").put('A', 1, "x.ktstr.json");
  const RunView before = objects.view();
  EXPECT_FALSE(before.writers.at(0).ended);
  objects.end('A');
  EXPECT_TRUE(objects.view().writers.at(0).ended);
  EXPECT_NE(objects.view().stamp, before.stamp);
  EXPECT_EQ(objects.view().stamp, objects.view().stamp);
  EXPECT_NE(before.stamp, 0U);
  EXPECT_EQ(before.newest_writer(), Objects::id('A'));
}

}  // namespace
}  // namespace ktstr::s3_store
