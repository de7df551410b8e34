// SPDX-License-Identifier: Apache-2.0
#include "plugin/code_owner.hpp"

#include <link.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

namespace ktstr {
namespace {

struct Code {
  std::uintptr_t first, end;
  const char* what;  ///< never freed: a plugin's code is never unloaded
};

constexpr std::size_t kMost = 64;  ///< libraries; those of more plugins stay without a name
std::array<Code, kMost> codes;
std::atomic<std::size_t> code_count{0};
std::mutex adding;

struct Search {
  std::uintptr_t inside, first = 0, end = 0;
};

int visit(dl_phdr_info* library, std::size_t, void* context) {
  auto& search = *static_cast<Search*>(context);
  std::uintptr_t first = UINTPTR_MAX, end = 0;
  for (int i = 0; i < library->dlpi_phnum; ++i) {
    const auto& part = library->dlpi_phdr[i];
    if (part.p_type != PT_LOAD) continue;
    const std::uintptr_t start = library->dlpi_addr + part.p_vaddr;
    if (start < first) first = start;
    if (start + part.p_memsz > end) end = start + part.p_memsz;
  }
  if (search.inside < first || search.inside >= end) return 0;
  search.first = first;
  search.end = end;
  return 1;
}

}  // namespace

void remember_code(const void* inside, const std::string& what) {
  Search search{reinterpret_cast<std::uintptr_t>(inside)};
  if (::dl_iterate_phdr(visit, &search) == 0 || owner_of(inside) != nullptr) return;
  const std::lock_guard lock(adding);
  const std::size_t at = code_count;
  if (at == kMost) return;
  codes[at] = {search.first, search.end, (new std::string(what))->c_str()};
  code_count = at + 1;
}

const char* owner_of(const void* address) noexcept {
  const auto place = reinterpret_cast<std::uintptr_t>(address);
  for (std::size_t i = 0, all = code_count; i < all; ++i) {
    if (place >= codes[i].first && place < codes[i].end) return codes[i].what;
  }
  return nullptr;
}

}  // namespace ktstr
