// SPDX-License-Identifier: Apache-2.0
#include "plugin/code_owner.hpp"

#include <link.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/mutex.hpp>

namespace ktstr {
namespace {

struct Code {
  std::uintptr_t first, end;
  const std::string* what;  ///< never freed: a plugin's code is never unloaded
};

constexpr std::size_t kMost = 64;  ///< libraries; those of more plugins stay without a name
std::array<Code, kMost> codes;
std::atomic<std::size_t> code_count{0};
kit::Mutex adding;

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
  const kit::Lock lock(adding);
  const std::size_t at = code_count;
  if (at == kMost) return;
  KTSTR_ASSERT(at < kMost && search.first < search.end);  // readers look at all below the count
  codes[at] = {search.first, search.end, new std::string(what)};
  code_count = at + 1;
}

const char* owner_of(const void* address) noexcept {
  const auto place = reinterpret_cast<std::uintptr_t>(address);
  for (std::size_t i = 0, all = code_count; i < all; ++i) {
    if (place >= codes[i].first && place < codes[i].end) return codes[i].what->c_str();
  }
  return nullptr;
}

}  // namespace ktstr
