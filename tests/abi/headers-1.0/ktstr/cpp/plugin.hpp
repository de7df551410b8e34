// SPDX-License-Identifier: Apache-2.0
//
// Defines the entry symbol of a plugin written in C++:
//
//   KTSTR_PLUGIN("com.example.gate-sign", "1.0.0", "Example Inc", "Apache-2.0",
//                ktstr::sdk::gate_impl<SignGate>("sign", "sign test of paired differences", kOptionsSchema))
//
// Implementations are classes derived from ktstr::sdk::Gate, Reporter, Store, Runner or Baseline with a
// constructor (ktstr::sdk::Host, const ktstr::sdk::Creation&) that throws ktstr::sdk::Error on an option that
// the schema could not refuse.
#pragma once
#include <ktstr/abi/plugin.h>

#include <ktstr/cpp/error.hpp>
#include <ktstr/cpp/host.hpp>
#include <memory>
#include <string_view>

namespace ktstr::sdk {

/// What an instance is made from, as ktstr_create_request; borrowed for the constructor.
struct Creation {
  std::string_view options = "{}";  ///< a JSON object that fits the schema
  bool read_only = false;
  std::string_view project_dir, cache_dir, runs_root, override_dir, archive_dir;

  Creation() = default;
  explicit Creation(const ktstr_create_request& request)
      : options(view(request.options)),
        read_only((request.flags & KTSTR_CREATE_READ_ONLY) != 0),
        project_dir(view(request.project_dir)),
        cache_dir(view(request.cache_dir)),
        runs_root(view(request.runs_root)),
        override_dir(view(request.override_dir)),
        archive_dir(view(request.archive_dir)) {}
};

/// One row of a plugin's table. `Base` is the kind's class (Gate, …), `T` the implementation.
template <typename Base, typename T, typename Table>
ktstr_impl make_impl(const char* interface_id, const Table* table, std::string_view name,
                     std::string_view summary, std::string_view options_schema) noexcept {
  ktstr_impl impl{};
  impl.size = sizeof impl;
  impl.interface_id = interface_id;
  impl.name = str(name);
  impl.summary = str(summary);
  impl.options_schema = str(options_schema);
  impl.create = [](const ktstr_host* host, const ktstr_create_request* request, void** self,
                   ktstr_error* error) noexcept -> ktstr_status {
    return guarded(error, [&] {
      std::unique_ptr<Base> made = std::make_unique<T>(Host(host), Creation(*request));
      *self = made.release();  // a Base*, which is what every thunk casts back to
    });
  };
  impl.destroy = [](void* self) noexcept { delete static_cast<Base*>(self); };
  impl.interface_table = table;
  return impl;
}

}  // namespace ktstr::sdk

#define KTSTR_PLUGIN(plugin_id, plugin_version, plugin_vendor, plugin_license, ...)                 \
  KTSTR_EXTERN_C KTSTR_EXPORT const ktstr_plugin* ktstr_plugin_entry_v1(void) KTSTR_NOEXCEPT {      \
    static const ktstr_impl impls[] = {__VA_ARGS__};                                                \
    static const ktstr_plugin plugin = {sizeof(ktstr_plugin),                                       \
                                        KTSTR_ABI_MAJOR,                                            \
                                        KTSTR_ABI_MINOR,                                            \
                                        ::ktstr::sdk::str(plugin_id),                               \
                                        ::ktstr::sdk::str(plugin_version),                          \
                                        ::ktstr::sdk::str(plugin_vendor),                           \
                                        ::ktstr::sdk::str(plugin_license),                          \
                                        ::ktstr::sdk::str("ktstr-sdk 1.0 (C++)"),                   \
                                        static_cast<std::uint32_t>(sizeof impls / sizeof impls[0]), \
                                        sizeof(ktstr_impl),                                         \
                                        impls,                                                      \
                                        nullptr,                                                    \
                                        nullptr};                                                   \
    return &plugin;                                                                                 \
  }
