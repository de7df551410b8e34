// SPDX-License-Identifier: Apache-2.0
#include "result/guest_scene.hpp"

#include <charconv>

#include "result/rows_reader.hpp"

namespace ktstr::kvm {
namespace {

using std::string_view;

constexpr std::size_t kMostSceneTasks = 128, kMostSceneMaps = 64, kMostSceneEntries = 16,
                      kMostSceneBytes = 512 << 10, kLongestSceneDump = 256 << 10;

/// The bytes that hexadecimal digits say.
std::string bytes_of(const Field& field) {
  const std::string text = field.text(2 * kMostSceneBytes);
  std::string bytes(text.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned value = 0;
    const char* at = text.data() + 2 * i;
    if (std::from_chars(at, at + 2, value, 16).ptr != at + 2) field.fail("is not hexadecimal");
    bytes[i] = static_cast<char>(value);
  }
  if (text.size() % 2 != 0) field.fail("is not hexadecimal");
  return bytes;
}

BpfMap read_scene_map(const Field& field) {
  static constexpr string_view kKeys[] = {"name", "type",     "key_size",   "value_size", "max_entries",
                                          "btf",  "key_type", "value_type", "entries"};
  field.only(kKeys);
  BpfMap map{field["name"].text(64),      field["type"].count(),        field["key_size"].count(),
             field["value_size"].count(), field["max_entries"].count(), field["btf"].count(),
             field["key_type"].count(),   field["value_type"].count(),  {}};
  for (const Field& entry : field["entries"].items(kMostSceneEntries)) {
    const std::vector<Field> both = entry.items(2);
    if (both.size() != 2) entry.fail("is no key with its value");
    map.entries.push_back({bytes_of(both[0]), bytes_of(both[1])});
  }
  return map;
}

}  // namespace

GuestScene read_guest_scene(const Field& top) {
  GuestScene scene;
  for (const Field& task : top["tasks"].items(kMostSceneTasks))
    scene.tasks.push_back(read_rows<GuestTask>(task));
  scene.scheduler_dump = top["scheduler_dump"].text(kLongestSceneDump);
  const Field maps = top["bpf_maps"];
  if (maps.is_null()) return scene;
  static constexpr string_view kKeys[] = {"maps", "btf"};
  maps.only(kKeys);
  for (const Field& map : maps["maps"].items(kMostSceneMaps)) {
    scene.maps.push_back(read_scene_map(map));
    const std::string number = std::to_string(scene.maps.back().btf);
    if (maps["btf"].has(number)) scene.btf.try_emplace(scene.maps.back().btf, bytes_of(maps["btf"][number]));
  }
  return scene;
}

}  // namespace ktstr::kvm
