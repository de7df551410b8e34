// SPDX-License-Identifier: Apache-2.0
//
// Every plugin on the search path, known by its manifest; a library is loaded only when something in it is
// used.
#pragma once
#include <ktstr/sdk.h>

#include <atomic>
#include <deque>
#include <functional>
#include <ktstr/kit/mutex.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "plugin/library.hpp"
#include "plugin/manifest.hpp"
#include "plugin/secrets.hpp"
#include "plugin/trust.hpp"
#include "ports/ports.hpp"

namespace ktstr {

struct PluginSearch {
  struct Place {
    std::filesystem::path directory;
    std::string origin;      ///< "--plugin-dir", "KTSTR_PLUGIN_PATH", …
    bool installed = false;  ///< comes with ktstr: the only place of plugins whose id begins with org.ktstr.
  };
  std::vector<Place> places;  ///< first id wins
  std::vector<std::string> trusted_sha256;
  std::set<std::string> once_trusted{};  ///< files that the user trusted as they were: they may have changed
  bool safe = false;          ///< --safe: nothing but what comes with ktstr and what is trusted by its hash
  VariableLookup variable{};  ///< for options that are secrets, and for plugins that ask
};

struct FoundPlugin {
  Manifest manifest;
  std::string origin;
  std::string problem, hint;  ///< not empty: it cannot be used, and why
  bool shipped = false;       ///< came with ktstr
  bool shadowed = false;      ///< an earlier place has the same id
  std::string library;        ///< absolute path of the library
  std::string
      manifest_sha256;  ///< of the bytes that `manifest` was read from; empty when no hash is trusted anyway
};

class IsolatedImpl;  // plugin/isolated_impl.hpp

class PluginCatalogue : public PluginProvider {
 public:
  using Log = std::function<void(int level, const std::string& line)>;
  PluginCatalogue(const PluginSearch& search, Log log, const std::atomic<bool>& cancelled);
  ~PluginCatalogue() override;

  std::vector<PluginIdentity> used() const override;

  /// From manifests only; runs no code of a plugin.
  const std::vector<FoundPlugin>& plugins() const { return plugins_; }

  Result<std::unique_ptr<StorePort>> make_store(const std::string& name, const Creation& creation) override;
  Result<std::unique_ptr<RunnerPort>> make_runner(const std::string& name, const Creation& creation) override;
  Result<std::unique_ptr<BaselinePort>> make_baseline(const std::string& name,
                                                      const Creation& creation) override;
  Result<std::unique_ptr<GatePort>> make_gate(const std::string& name, const Creation& creation) override;
  Result<std::unique_ptr<ReporterPort>> make_reporter(const std::string& name,
                                                      const Creation& creation) override;

  /// Why its files may be believed: "shipped", "hash", "owner"; "changed" since the user trusted them, or
  /// "none". Reads them.
  std::string trust_of(const FoundPlugin& plugin) const;

  /// The metrics that the manifest of a runner brings along, and where they stand, for messages. Runs no code
  /// of it.
  struct OfferedMetrics {
    std::string where;
    json::value rows = json::array();
  };
  Result<OfferedMetrics> metrics_of_runner(const std::string& name) const;
  Result<std::string> runner_bounds(const std::string& name) const override;

  /// The options that the project in `project_dir` gives a plugin, after the plugin's own schema said which
  /// of them name places (plugin/project_options.hpp). A plugin that cannot be loaded gets none, so they stay
  /// as they are.
  struct OwnOptions {
    std::string json;
    bool isolate = false;  ///< the plugin is asked in a process of its own
  };
  Result<std::string> options_of_project(const std::string& interface_id, const std::string& name,
                                         const OwnOptions& options, const std::filesystem::path& project_dir);

  Result<bool> runner_needs_kernel(const std::string& name) override;
  Result<bool> store_reads_archives(const std::string& name) override;

  /// Where the configured options put a store's runs; empty: where the host says.
  std::string runs_root_option(const std::string& store, const std::string& options_json);

  /// A name that no plugin offers, and options that its schema does not know. A plugin that cannot be loaded
  /// is for those to tell who need it.
  Status check_choice(const std::string& interface_id, const std::string& name, const OwnOptions& options);

  /// Loads the plugin that offers `name` (or ID/NAME) for an interface. For `plugin info`.
  Result<const ktstr_impl*> load(const std::string& interface_id, const std::string& name);

  /// The plugin that is meant; it is not loaded.
  Result<std::string> id_of(const std::string& interface_id, const std::string& name) const;

  /// A library that `load` has loaded, or null.
  const Library* loaded(const std::string& plugin_id) const;

  /// The host as one instance of a plugin sees it, valid as long as this object. For `plugin check`.
  const ktstr_host* host_for(const std::string& plugin_id, std::string instance);

 private:
  /// The host as one instance, or one plugin as a whole, sees it.
  struct HostTable {
    ktstr_host table{};
    PluginCatalogue* catalogue;
    std::string instance, plugin_id;
  };
  template <typename Port, typename Make>
  Result<std::unique_ptr<Port>> instance(const char* interface_id, const std::string& name,
                                         const Creation& creation, Make make);
  template <typename Port, typename Make>
  Result<std::unique_ptr<Port>> isolated(const char* interface_id, const std::string& name,
                                         const Creation& creation, Make make);
  /// A process that has loaded it; one that was only asked for its options is taken first.
  Result<std::unique_ptr<IsolatedImpl>> isolate(const std::string& interface_id, const std::string& name);
  Result<Creation> complete(std::string_view schema, const std::string& what, const Creation& creation) const;
  void remember_use(const std::string& kind, const std::string& name, const Manifest& manifest,
                    const std::string& sha256 = {});
  Status check_store(const ktstr_store_v1& table, const std::string& name, const Creation& creation) const;
  static void log_line(const ktstr_host* host, std::int32_t level, ktstr_str message) noexcept;
  static ktstr_status environment_value(const ktstr_host* host, ktstr_str name, std::uint32_t flags,
                                        const ktstr_writer* out) noexcept;
  static ktstr_str library_path(const ktstr_host* host, ktstr_str plugin_id) noexcept;
  Status check_manifest(const FoundPlugin& plugin) const;
  Result<TrustedLibrary> open_library(const FoundPlugin& plugin) const;
  /// How this plugin's files have to be trusted.
  TrustBy rule_for(const FoundPlugin& plugin) const {
    return search_.safe && !plugin.shipped ? TrustBy::kHashAlone : TrustBy::kOwnerOrHash;
  }
  Error told_when_changed(Error error, const std::filesystem::path& file) const;
  Result<const FoundPlugin*> choose(const std::string& interface_id, const std::string& name) const;
  /// The runner's row in its plugin's manifest, and where that stands, for messages. No row: null.
  struct RunnerRow {
    const FoundPlugin* plugin = nullptr;
    const ManifestRow* row = nullptr;
    std::string where;
  };
  Result<RunnerRow> row_of_runner(const std::string& name) const;

  std::vector<FoundPlugin> plugins_;
  PluginSearch search_;
  std::deque<HostTable> hosts_;  ///< one for each instance and each `init`; never shrinks
  Log log_;
  const std::atomic<bool>& cancelled_;
  mutable kit::Mutex used_mutex_;
  mutable std::vector<PluginIdentity> used_
      KTSTR_GUARDED_BY(used_mutex_);  ///< hashes are taken when somebody asks
  std::map<std::pair<std::string, std::string>, std::unique_ptr<IsolatedImpl>>
      idle_;  ///< by interface and name
  std::map<std::string, std::size_t> loaded_by_id_;
  std::map<std::string, Error> failed_by_id_;        ///< a plugin that could not be loaded is not tried again
  std::vector<std::unique_ptr<Library>> libraries_;  ///< in order of loading
};

/// Short name of a kind: "gate" for "ktstr.gate/1".
std::string kind_of(const std::string& interface_id);

}  // namespace ktstr
