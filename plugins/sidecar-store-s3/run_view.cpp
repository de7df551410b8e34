// SPDX-License-Identifier: Apache-2.0
#include "run_view.hpp"

#include <algorithm>
#include <charconv>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <utility>

namespace ktstr::s3_store {
namespace {

constexpr std::string_view kSidecarSuffix = ".ktstr.json";

struct Event {
  ObjectName name;
  const ListedObject* object;
};

struct WriterEvents {
  WriterBegin begin;
  WriterState state;
  std::vector<Event> events;
};

std::uint64_t number_of_hash(const std::string& hex) {
  KTSTR_ASSERT(hex.size() >= 16);
  std::uint64_t number = 0;
  std::from_chars(hex.data(), hex.data() + 16, number, 16);
  return std::max<std::uint64_t>(number, 1);
}

std::map<std::string, WriterEvents> by_writer(const std::vector<ListedObject>& objects, RunView& view) {
  std::map<std::string, WriterEvents> writers;
  kit::Sha256 sum;
  std::vector<const ListedObject*> sorted;
  for (const ListedObject& object : objects) sorted.push_back(&object);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
  for (const ListedObject* object : sorted) {
    auto name = parse_object_name(object->key);
    if (!name || name->kind == ObjectKind::kHold) continue;
    view.keys.push_back(object->key);
    view.mtime_ns = std::max(view.mtime_ns, object->mtime_ns);
    sum.add(object->key + '\n' + object->etag + '\n');
    WriterEvents& writer = writers[name->writer];
    writer.state.id = name->writer;
    writer.state.last_ns = std::max(writer.state.last_ns, object->mtime_ns);
    if (name->kind == ObjectKind::kEnd) {
      writer.state.ended = true;
    } else if (name->kind == ObjectKind::kBegin) {
      writer.begin = name->begin;
      writer.state.begin_key = object->key;
    } else {
      writer.events.push_back({std::move(*name), object});
    }
  }
  view.stamp = number_of_hash(sum.finish());
  return writers;
}

class Resolver {
 public:
  explicit Resolver(RunView& view) : view_(view) {}

  void begin(const WriterEvents& writer) {
    const WriterBegin& begin = writer.begin;
    if (begin.mode == Mode::kClear) {
      view_.files.clear();
      view_.inputs = begin.inputs;
    } else if (begin.mode == Mode::kReplace && !view_.sessions.contains(begin.session)) {
      if (!view_.files.empty()) view_.past.push_back({last_, view_.files});
      const bool same = begin.inputs != kNoHash && begin.inputs == view_.inputs;
      if (!same) view_.files.clear();
      view_.inputs = begin.inputs;
      if (begin.session != kNoHash) view_.sessions.insert(begin.session);
    } else if (view_.files.empty()) {
      view_.inputs = begin.inputs;
    } else if (view_.inputs != begin.inputs) {
      view_.inputs = kNoHash;  // of what is there now nobody can say from which it follows
    }
    last_ = writer.state.id;
  }

  void apply(const Event& event) {
    const std::string& name = event.name.name;
    if (event.name.kind == ObjectKind::kRemoved) {
      view_.files.erase(name);
    } else if (event.name.kind == ObjectKind::kDropped) {
      std::erase_if(view_.files,
                    [&](const auto& file) { return file.second.key == event.name.place + "/" + name; });
    } else {
      // A test that ran again has the artifacts of this run or none.
      if (is_sidecar_name(name))
        std::erase_if(view_.files, [&](const auto& file) { return lies_beside(name, file.first); });
      view_.files[name] = *event.object;
    }
  }

 private:
  RunView& view_;
  std::string last_;
};

/// Those that would show nothing that is not to be seen elsewhere are no history.
void keep_what_shows_more(RunView& view) {
  std::set<std::string_view> shown;
  const auto show = [&](const Files& files) {
    bool more = false;
    for (const auto& [name, object] : files)
      more = (shown.insert(object.key).second && is_sidecar_name(name)) || more;
    return more;
  };
  show(view.files);
  std::vector<PastRun> kept;
  for (std::size_t i = view.past.size(); i-- > 0;) {
    if (show(view.past[i].files)) kept.push_back(view.past[i]);
  }
  std::reverse(kept.begin(), kept.end());
  KTSTR_ASSERT(kept.size() <= view.past.size());
  view.past = std::move(kept);
}

}  // namespace

// As the store fs knows them: STEM.ktstr.json, and STEM.failure-NAME and STEM.artifact-NAME beside it.
bool is_sidecar_name(std::string_view name) { return name.ends_with(kSidecarSuffix); }

bool lies_beside(std::string_view sidecar, std::string_view artifact) {
  if (!sidecar.ends_with(kSidecarSuffix)) return false;
  const std::string_view stem = sidecar.substr(0, sidecar.size() - kSidecarSuffix.size());
  if (!artifact.starts_with(stem)) return false;
  const std::string_view rest = artifact.substr(stem.size());
  return rest.starts_with(".failure-") || rest.starts_with(".artifact-");
}

std::uint64_t RunView::sidecars() const {
  return static_cast<std::uint64_t>(std::count_if(
      files.begin(), files.end(), [](const auto& file) { return is_sidecar_name(file.first); }));
}

std::uint64_t object_stamp(const ListedObject& object) {
  return number_of_hash(kit::sha256_of(object.key + '\n' + object.etag));
}

RunView resolve_run(const std::vector<ListedObject>& objects) {
  RunView view;
  Resolver resolver(view);
  for (auto& [id, writer] : by_writer(objects, view)) {
    std::stable_sort(writer.events.begin(), writer.events.end(),
                     [](const Event& a, const Event& b) { return a.name.number < b.name.number; });
    resolver.begin(writer);
    for (const Event& event : writer.events) resolver.apply(event);
    view.writers.push_back(writer.state);
  }
  // The newest is the last.
  KTSTR_ASSERT(std::is_sorted(view.writers.begin(), view.writers.end(),
                              [](const auto& a, const auto& b) { return a.id < b.id; }));
  keep_what_shows_more(view);
  return view;
}

}  // namespace ktstr::s3_store
