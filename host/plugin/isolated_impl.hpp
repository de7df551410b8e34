// SPDX-License-Identifier: Apache-2.0
//
// What a plugin offers, loaded in a process of its own. Its tables look like those of a plugin in this
// process, so that the same proxies stand before both.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "plugin/catalogue.hpp"
#include "plugin/isolated_process.hpp"
#include "plugin/proxies.hpp"
#include "plugin/wire.hpp"

namespace ktstr {

/// Kinds that can run isolated.
bool can_be_isolated(std::string_view interface_id);

class IsolatedImpl {
 public:
  /// Starts the process and loads there what `search` finds by that name. `what`: "gate fdr".
  static Result<std::unique_ptr<IsolatedImpl>> load(const PluginSearch& search,
                                                    const std::string& interface_id, const std::string& name,
                                                    const std::string& what, const ktstr_host* host);

  const std::string& options_schema() const { return schema_; }
  const std::string& sha256() const { return sha256_; }

  /// Its one instance, which takes the process along.
  Result<std::unique_ptr<PluginInstance>> make(const ktstr_host* host, const std::string& what,
                                               const Creation& creation) &&;

 private:
  struct Tables {
    std::uint32_t capabilities = 0, min_samples = 0, documents = 0;
  };
  IsolatedImpl(std::string interface_id, std::unique_ptr<IsolatedProcess> process)
      : interface_id_(std::move(interface_id)), process_(std::move(process)) {}

  std::string interface_id_, schema_, sha256_;
  Tables tables_;
  std::unique_ptr<IsolatedProcess> process_;
};

/// The search as the other process takes it, and there again.
void put(WireOut& out, const PluginSearch& search);
PluginSearch get_search(WireIn& in);

}  // namespace ktstr
