// SPDX-License-Identifier: Apache-2.0
#include "config/profiles.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <vector>

namespace ktstr {
namespace {

using Kind = ValueShape::Kind;

template <auto kField>
void apply_count(const LayeredFile& file, const Located& value) {
  file.config.defaults.*kField = static_cast<std::uint32_t>(value.integer(0, 1'000'000));
}

void apply_threshold(const LayeredFile& file, const Located& value) {
  file.config.defaults.threshold = value.number();
}

void apply_partition(const LayeredFile& file, const Located& value) {
  file.config.defaults.partition = value.text();
}

void apply_policy(const LayeredFile& file, const Located& value) {
  const std::string path = value.text();
  if (file.from_project() && !stays_inside(path)) {
    refuse(value.place, '"' + printable(path) + "\" " + std::string(kOutside),
           "give another one by a flag: --policy FILE");
  }
  file.config.defaults.policy = file.config.project_dir / path;
}

constexpr std::array<std::string_view, 2> kFlakyWords = {"pass", "fail"};

void apply_flaky(const LayeredFile& file, const Located& value) {
  file.config.defaults.flaky_fails = value.text() == kFlakyWords[1];
}

constexpr ValueShape count(double lowest, double highest) {
  return {.kind = Kind::kNumber, .lowest = lowest, .highest = highest};
}

struct ProfileKey {
  ConfigMember member;
  void (*apply)(const LayeredFile& file, const Located& value);
};

/// Besides keys of the same name that files have, too.
constexpr ProfileKey kOwnKeys[] = {
    {{"jobs", count(0, 4096), "default of `--jobs`", "4"}, apply_count<&ProfileDefaults::jobs>},
    {{"partition", {.filled = true}, "default of test's `--partition`", R"("slice:1/4")"}, apply_partition},
    {{"retries", count(0, 10), "how often `test` runs a test again that fails", "2"},
     apply_count<&ProfileDefaults::retries>},
    {{"flaky",
      {.kind = Kind::kChoice, .names = kFlakyWords},
      "what a test that failed and then passed means for the exit code",
      R"("fail")"},
     apply_flaky},
    {{"repeats", count(2, 1000), "default of perf-delta's `--noise-adjust`", "7"},
     apply_count<&ProfileDefaults::repeats>},
    {{"threshold", count(0, 1e6), "default of perf-delta's `--threshold`, in percent", "20"},
     apply_threshold},
    {{"policy",
      {.filled = true},
      "default of perf-delta's `--policy`: a file of the project",
      R"("policy.json")"},
     apply_policy},
    {{"fail_threshold", count(0, 1e6), "default of perf-delta's `--fail-threshold`", "1"},
     apply_count<&ProfileDefaults::fail_threshold>},
};

constexpr std::array<std::string_view, 5> kShared = {"strict", "reporters", "gates", "cached_gates",
                                                     "least_sight"};

const ConfigKey& file_key(std::string_view name) {
  const auto keys = config_keys();
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const ConfigKey& key) { return key.name() == name; });
  KTSTR_ASSERT(found != keys.end());  // kShared names keys of files
  return *found;
}

std::vector<ProfileKey> all_keys() {
  std::vector<ProfileKey> keys;
  for (const std::string_view name : kShared) keys.push_back({file_key(name).member, file_key(name).apply});
  keys.insert(keys.end(), std::begin(kOwnKeys), std::end(kOwnKeys));
  return keys;
}

const std::vector<ProfileKey> kProfileKeys = all_keys();

std::vector<ConfigMember> all_members() {
  std::vector<ConfigMember> members;
  for (const ProfileKey& key : kProfileKeys) members.push_back(key.member);
  return members;
}

const std::vector<ConfigMember> kProfileMembers = all_members();

/// What flags that exclude each other would be.
void insist_on_one_judge(const OpenObject& profile, const std::string& place) {
  constexpr std::array<std::string_view, 3> kJudges = {"repeats", "threshold", "policy"};
  std::vector<std::string> said;
  for (const std::string_view judge : kJudges) {
    if (profile.find(judge) != nullptr) said.push_back('"' + std::string(judge) + '"');
  }
  if (said.size() > 1)
    refuse(place, join(said, " and ") + " exclude each other, as the flags do", "make two profiles of it");
}

void apply_profile(const LayeredFile& file, const Located& value, const std::string& origin) {
  const OpenObject profile = read_members(value, kProfileShape);
  insist_on_one_judge(profile, value.place);
  for (const ProfileKey& key : kProfileKeys) {
    const Located* said = profile.find(key.member.name);
    if (said == nullptr) continue;
    key.apply(file, *said);
    file.config.origins[std::string(key.member.name)] = origin;
  }
}

bool is_profile_name(std::string_view name) {
  return !name.empty() && name.size() <= 60 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

const ObjectShape kProfileShape = {"profile", kProfileMembers, {}};
const TextForm kProfileName = {"^[A-Za-z0-9_.-]{1,60}$", is_profile_name,
                               "is no name that a profile may have",
                               "letters, digits, \"-\", \"_\" and \".\", at most 60"};

/// On a copy, so that a mistake is not first found by whoever uses the profile.
void note_profiles(const LayeredFile& file, const Located& value) {
  for (const auto& [name, profile] : value.members()) {
    Config tried = file.config;
    apply_profile({file.layer, tried}, profile, {});
    std::vector<std::string>& known = file.config.profiles;
    if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
  }
}

json::value names_of_profiles(const Config& config) {
  return json::array(config.profiles.begin(), config.profiles.end());
}

json::object profile_values(const ProfileDefaults& defaults) {
  json::object out;
  const auto add = [&](const char* key, const auto& value) {
    if (value) out[key] = *value;
  };
  add("jobs", defaults.jobs);
  add("retries", defaults.retries);
  add("repeats", defaults.repeats);
  add("threshold", defaults.threshold);
  add("fail_threshold", defaults.fail_threshold);
  if (!defaults.partition.empty()) out["partition"] = defaults.partition;
  if (!defaults.policy.empty()) out["policy"] = defaults.policy.string();
  if (defaults.flaky_fails) out["flaky"] = kFlakyWords[*defaults.flaky_fails ? 1 : 0];
  return out;
}

Status apply_profile_text(std::string_view text, const std::string& file, ConfigLayer layer,
                          const std::string& name, Config& config) {
  return read_document(text, file, kit::for_people(), ExitCode::kUsage, [&](const Located& top) {
    const OpenObject object(top, true);
    const Located* profiles = object.find("profiles");
    const json::value* profile =
        profiles == nullptr ? nullptr : profiles->value->get_object().if_contains(name);
    if (profile == nullptr) return;
    apply_profile({layer, config}, {profile, profiles->place + "." + name},
                  "profile " + name + " of " + layer_name(layer) + " " + file);
  });
}

}  // namespace ktstr
