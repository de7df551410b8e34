// SPDX-License-Identifier: Apache-2.0
#include "sidecar/sidecar_head.hpp"

#include <simdjson.h>

#include <array>

namespace ktstr {
namespace dom = simdjson::dom;
namespace {

static_assert(SidecarHeadReader::kRoom >= simdjson::SIMDJSON_PADDING);
constexpr std::size_t kMaxDepth = 64;  // as JsonOptions has it

struct TextField {
  std::string_view key;
  std::string SidecarHead::*field;
  bool required;
};

constexpr std::array kTexts = {
    TextField{"test_name", &SidecarHead::test, true},
    TextField{"topology", &SidecarHead::topology, true},
    TextField{"scheduler", &SidecarHead::scheduler, true},
    TextField{"work_type", &SidecarHead::work_type, true},
    TextField{"kernel_version", &SidecarHead::kernel, false},
    TextField{"project_commit", &SidecarHead::project_commit, false},
    TextField{"kernel_commit", &SidecarHead::kernel_commit, false},
    TextField{"run_source", &SidecarHead::run_source, false},
    TextField{"resolve_source", &SidecarHead::resolve_source, false},
    TextField{"timestamp", &SidecarHead::timestamp, false},
};
constexpr std::array<std::string_view, 2> kFlags = {"passed", "skipped"};
constexpr std::size_t kRequired = 4 + kFlags.size() + 1;  // and "stats"

std::string text_or_empty(const dom::element& value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::optional<std::uint64_t> whole_number_of(const dom::element& value) {
  std::uint64_t number = 0;
  return value.is_uint64() && value.get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

/// `read` of the last member of that name of an object, or its empty result.
template <typename Read>
auto member(const dom::element& value, std::string_view key, Read read) {
  decltype(read(value)) found{};
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return found;
  for (const dom::key_value_pair field : object) {
    if (field.key == key) found = read(field.value);
  }
  return found;
}

/// False when anything is not as this version writes it.
bool take(const dom::object& object, SidecarHead& head) {
  std::string kernel_label;
  std::array<bool, kRequired> have{};
  for (const dom::key_value_pair entry : object) {
    const std::string_view key = entry.key;
    if (key == "schema_version" && whole_number_of(entry.value) != std::optional<std::uint64_t>(1))
      return false;
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
      if (key != kTexts[i].key) continue;
      head.*kTexts[i].field = text_or_empty(entry.value);
      if (kTexts[i].required) have[i] = entry.value.is_string();
    }
    for (std::size_t i = 0; i < kFlags.size(); ++i) {
      if (key == kFlags[i]) have[4 + i] = entry.value.is_bool();
    }
    if (key == "stats") have[kRequired - 1] = entry.value.is_object();
    if (key == "kernel_label") kernel_label = text_or_empty(entry.value);
    if (key == "host") head.arch = member(entry.value, "arch", text_or_empty);
    if (key == "perf_delta") head.block = member(entry.value, "block", whole_number_of);
    if (key == "cpu_budget") {
      const auto budget = whole_number_of(entry.value);
      head.cpu_budget =
          budget && *budget <= 1'000'000 ? std::optional(static_cast<std::int64_t>(*budget)) : std::nullopt;
    }
  }
  for (const bool found : have) {
    if (!found) return false;
  }
  head.kernel = kernel_id(head.kernel, kernel_label);
  return true;
}

}  // namespace

SidecarHead head_of(const SidecarRecord& record) {
  return {record.test,           record.topology,       record.scheduler,     record.work_type,
          record.kernel,         record.project_commit, record.kernel_commit, record.run_source,
          record.resolve_source, record.timestamp,      record.arch,          record.block,
          record.cpu_budget};
}

struct SidecarHeadReader::Parser {
  dom::parser parser;
};

SidecarHeadReader::SidecarHeadReader() : parser_(std::make_unique<Parser>()) {}
SidecarHeadReader::~SidecarHeadReader() = default;

Result<SidecarHead> SidecarHeadReader::read(std::string& text, const std::function<std::string()>& file) {
  text.reserve(text.size() + kRoom);
  dom::parser& parser = parser_->parser;
  SidecarHead head;
  dom::object object;
  const bool room = parser.capacity() >= text.size() ||
                    parser.allocate(text.size() + text.size() / 2, kMaxDepth) == simdjson::SUCCESS;
  if (room && parser.parse(text.data(), text.size(), false).get(object) == simdjson::SUCCESS &&
      take(object, head))
    return head;
  static const MetricRegistry kNoOthers;  // heads have no metrics
  const auto record = read_sidecar(text, file(), kNoOthers);
  if (!record) return record.error();
  return head_of(*record);
}

}  // namespace ktstr
