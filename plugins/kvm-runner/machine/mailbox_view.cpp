// SPDX-License-Identifier: Apache-2.0
#include "machine/mailbox_view.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <ktstr/kit/assert.hpp>

#include "machine/files.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::uint64_t kPage = 4096, kMinResult = 16ULL << 20;
constexpr std::uint64_t page_up(std::uint64_t value) { return (value + kPage - 1) & ~(kPage - 1); }

}  // namespace

MailboxView::MailboxView(const GuestMemory& memory, const MailboxPlace& place) : size_(place.size) {
  KTSTR_ASSERT(place.size > kMailboxHeaderSize + kMinResult && place.address % kPage == 0);
  KTSTR_ASSERT(place.address + place.size <= memory.node_bytes().front());
  void* mapped = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, memory.node(0).fd,
                        static_cast<off_t>(place.address));
  if (mapped == MAP_FAILED) throw_file_error("cannot map", memory.node(0).name);
  base_ = static_cast<char*>(mapped);
}

MailboxView::~MailboxView() {
  if (base_ != nullptr) ::munmap(base_, size_);
}

void MailboxView::write_template_header() {
  MailboxHeader fresh{};
  fresh.magic = kMailboxMagic;
  fresh.version = kMailboxVersion;
  std::memcpy(base_, &fresh, sizeof fresh);
}

void MailboxView::write_work(const GuestWork& work, bool stop_to_sample, std::uint32_t go) {
  std::uint64_t at = kMailboxHeaderSize;
  std::vector<std::uint64_t> offsets;
  for (const Blob& file : work.files) {
    offsets.push_back(at);
    at = page_up(at + file.contents.size());
    KTSTR_ASSERT(at >= offsets.back() + file.contents.size());
  }
  KTSTR_ASSERT(offsets.size() == work.files.size() && at % kPage == 0);
  const std::string spec = work.make_spec(offsets);
  const std::uint64_t spec_offset = at;
  result_offset_ = page_up(spec_offset + spec.size());
  if (result_offset_ + kMinResult > size_) {
    throw FileError("programs and their libraries need " + std::to_string(at >> 20) +
                    " MiB, the guest's mailbox has room for " + std::to_string((size_ - kMinResult) >> 20) +
                    " MiB (strip them, or link them statically)");
  }
  result_limit_ = size_ - result_offset_;
  KTSTR_ASSERT(spec_offset % kPage == 0 && result_offset_ % kPage == 0);
  KTSTR_ASSERT(spec_offset + spec.size() <= result_offset_ && result_offset_ < size_);
  for (std::size_t i = 0; i < offsets.size(); ++i)
    std::memcpy(base_ + offsets[i], work.files[i].contents.data(), work.files[i].contents.size());
  std::memcpy(base_ + spec_offset, spec.data(), spec.size());

  MailboxHeader fresh{};
  fresh.magic = kMailboxMagic;
  fresh.version = kMailboxVersion;
  fresh.go = go;
  fresh.spec_offset = spec_offset;
  fresh.spec_size = spec.size();
  fresh.result_offset = result_offset_;
  fresh.result_limit = result_limit_;
  fresh.stage = header()->stage;
  fresh.stop_to_sample = stop_to_sample ? 1 : 0;
  KTSTR_ASSERT(work.nonce.size() <= sizeof fresh.nonce);
  work.nonce.copy(fresh.nonce, sizeof fresh.nonce);
  std::memcpy(base_, &fresh, sizeof fresh);
}

Stage MailboxView::stage() const {
  const std::uint32_t value = __atomic_load_n(&header()->stage, __ATOMIC_ACQUIRE);
  return value <= static_cast<std::uint32_t>(Stage::kDone) ? static_cast<Stage>(value) : Stage::kNone;
}

std::uint64_t MailboxView::heartbeat() const {
  return __atomic_load_n(&header()->heartbeat, __ATOMIC_RELAXED);
}

std::uint64_t MailboxView::beat_ns() const { return __atomic_load_n(&header()->beat_ns, __ATOMIC_RELAXED); }

std::uint64_t MailboxView::scenario_ns() const {
  return __atomic_load_n(&header()->scenario_ns, __ATOMIC_RELAXED);
}

MonitorMap MailboxView::monitor_map() const {
  MonitorMap map;
  std::memcpy(&map, base_ + kMonitorMapOffset, sizeof map);
  return map;
}

std::string MailboxView::last_words() const {
  const char* text = header()->last_words;
  std::string words(text, ::strnlen(text, sizeof header()->last_words));
  if (const std::uint32_t error = header()->agent_error; error != 0 && error < 4096)
    words += (words.empty() ? "" : ": ") + std::string(std::strerror(static_cast<int>(error)));
  return words;
}

bool MailboxView::read_result(std::string& text) const {
  const std::uint64_t size = header()->result_size;
  if (size == 0 || size > result_limit_) return false;
  KTSTR_ASSERT(result_offset_ >= kMailboxHeaderSize && result_limit_ <= size_ - result_offset_);
  text.assign(base_ + result_offset_, size);
  return true;
}

}  // namespace ktstr::kvm
