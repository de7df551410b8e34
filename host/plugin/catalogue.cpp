// SPDX-License-Identifier: Apache-2.0
#include "plugin/catalogue.hpp"

#include <ktstr/abi/environment.h>
#include <ktstr/abi/library.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/text.hpp>

#include "plugin/call_times.hpp"
#include "plugin/isolated_impl.hpp"
#include "plugin/options_schema.hpp"
#include "plugin/project_options.hpp"
#include "plugin/proxies.hpp"
#include "plugin/trust.hpp"
#include "support/details.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace fs = std::filesystem;

namespace {

Error needs_newer_host(const std::string& what, unsigned minor) {
  return plugin_error(
      what + " needs ABI 1." + std::to_string(minor) + ", this host has 1." + std::to_string(KTSTR_ABI_MINOR),
      "update ktstr, or use an older release of the plugin");
}

constexpr std::string_view kReserved = "org.ktstr.";

std::string_view view_of(ktstr_str text) {
  return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len);
}

}  // namespace

std::string kind_of(const std::string& interface_id) {
  const std::size_t dot = interface_id.find('.'), slash = interface_id.find('/');
  return dot == std::string::npos || slash == std::string::npos || slash < dot
             ? interface_id
             : interface_id.substr(dot + 1, slash - dot - 1);
}

ktstr_str PluginCatalogue::library_path(const ktstr_host* host, ktstr_str plugin_id) noexcept {
  const auto* self = static_cast<const HostTable*>(host->ctx);
  if (self == nullptr || plugin_id.ptr == nullptr) return {nullptr, 0};
  for (const FoundPlugin& found : self->catalogue->plugins_) {
    if (!found.shadowed && found.manifest.id == std::string_view(plugin_id.ptr, plugin_id.len))
      return borrowed(found.library);
  }
  return {nullptr, 0};
}

ktstr_status PluginCatalogue::environment_value(const ktstr_host* host, ktstr_str name, std::uint32_t flags,
                                                const ktstr_writer* out) noexcept {
  const auto* self = static_cast<const HostTable*>(host->ctx);
  if (self == nullptr || !self->catalogue->search_.variable || name.ptr == nullptr || out == nullptr)
    return KTSTR_NOT_FOUND;
  try {
    const auto value = self->catalogue->search_.variable(std::string(view_of(name)));
    if (!value) return KTSTR_NOT_FOUND;
    if ((flags & KTSTR_VARIABLE_SECRET) != 0) remember_secret(*value);
    return out->write(out->ctx, value->data(), value->size());
  } catch (...) {
    return KTSTR_INTERNAL;
  }
}

void PluginCatalogue::log_line(const ktstr_host* host, std::int32_t level, ktstr_str message) noexcept {
  const auto* self = static_cast<const HostTable*>(host->ctx);
  if (self == nullptr || !self->catalogue->log_) return;
  try {
    const std::string of = self->instance + (self->plugin_id.empty() ? "" : " (" + self->plugin_id + ")");
    self->catalogue->log_(level,
                          printable(of) + ": " + printable(without_secrets(std::string(view_of(message)))));
  } catch (...) {  // a full disk behind stderr must not end a plugin's call
    return;
  }
}

const ktstr_host* PluginCatalogue::host_for(const std::string& plugin_id, std::string instance) {
  static constexpr std::string_view kName = "ktstr", kVersion = KTSTR_VERSION;
  HostTable& made = hosts_.emplace_back(HostTable{{}, this, std::move(instance), plugin_id});
  ktstr_host& host = made.table;
  host.size = sizeof host;
  host.abi_major = KTSTR_ABI_MAJOR;
  host.abi_minor = KTSTR_ABI_MINOR;
  host.ctx = &made;
  host.name = borrowed(kName);
  host.version = borrowed(kVersion);
  host.instance = borrowed(made.instance);
  host.log = log_line;
  host.cancelled = [](const ktstr_host* of) noexcept -> std::int32_t {
    const auto* self = static_cast<const HostTable*>(of->ctx);
    return self != nullptr && self->catalogue->cancelled_ ? 1 : 0;
  };
  host.extension = [](const ktstr_host*, const char* id) noexcept -> const void* {
    static constexpr ktstr_library_service kLibrary{sizeof(ktstr_library_service), 0, library_path};
    static constexpr ktstr_environment_service kEnvironment{
        sizeof(ktstr_environment_service), 0, environment_value,
        [](const ktstr_host*, ktstr_str secret) noexcept {
          try {
            remember_secret(std::string(view_of(secret)));
          } catch (...) {  // no memory: the plugin's next call will tell
            return;
          }
        }};
    const std::string_view asked = id == nullptr ? std::string_view() : std::string_view(id);
    if (asked == KTSTR_LIBRARY_SERVICE) return &kLibrary;
    if (asked == KTSTR_ENVIRONMENT_SERVICE) return &kEnvironment;
    return nullptr;
  };
  return &host;
}

PluginCatalogue::PluginCatalogue(const PluginSearch& search, Log log, const std::atomic<bool>& cancelled)
    : search_(search), log_(std::move(log)), cancelled_(cancelled) {
  for (const PluginSearch::Place& place : search.places) {
    std::error_code error;
    std::vector<fs::path> manifests;
    for (fs::directory_iterator it(place.directory, error), end; !error && it != end; it.increment(error)) {
      if (it->path().filename().string().ends_with(kManifestSuffix)) manifests.push_back(it->path());
    }
    std::sort(manifests.begin(), manifests.end());
    for (const fs::path& file : manifests) {
      FoundPlugin found;
      found.origin = place.origin;
      found.manifest.file = file;
      const auto text = read_file(file, 1 << 20);
      auto manifest = text ? parse_manifest(*text, file) : Result<Manifest>(text.error());
      if (manifest) {
        found.manifest = std::move(*manifest);
        found.library = found.manifest.library_path().string();
        if (!search_.trusted_sha256.empty()) found.manifest_sha256 = kit::sha256_of(*text);
        found.shadowed = std::any_of(plugins_.begin(), plugins_.end(), [&](const FoundPlugin& other) {
          return other.problem.empty() && other.manifest.id == found.manifest.id;
        });
        found.shipped = place.installed && found.manifest.id.starts_with(kReserved);
        if (found.manifest.id.starts_with(kReserved) && !place.installed) {
          found.problem = "the id " + found.manifest.id + " is reserved for plugins that come with ktstr";
          found.hint = "give it an id of a domain of yours, in its manifest and in its code";
        }
      } else {
        found.problem = manifest.error().message;
        found.hint = manifest.error().hint;
      }
      plugins_.push_back(std::move(found));
    }
  }
}

PluginCatalogue::~PluginCatalogue() {
  idle_.clear();
  while (!libraries_.empty()) libraries_.pop_back();  // deinit in reverse order of loading
  for (HostTable& host : hosts_) host.table.ctx = nullptr;
  static auto& kept = *new std::vector<std::deque<HostTable>>;  // for threads that a plugin has left behind
  kept.push_back(std::move(hosts_));                            // no table moves
}

Result<const FoundPlugin*> PluginCatalogue::choose(const std::string& interface_id,
                                                   const std::string& name) const {
  const std::string kind = kind_of(interface_id);
  std::vector<const FoundPlugin*> matches;
  std::vector<std::string> names, broken;
  for (const FoundPlugin& found : plugins_) {
    if (found.shadowed) continue;
    if (!found.problem.empty()) broken.push_back(found.manifest.file.filename().string());
    for (const ManifestRow& row : found.manifest.provides) {
      if (row.interface_id != interface_id) continue;
      const bool full = found.manifest.id + "/" + row.name == name;
      if (!found.problem.empty() && !full) continue;  // it stands in nobody's way
      names.push_back(row.name);
      if (row.name == name || full) matches.push_back(&found);
    }
  }
  if (matches.empty()) {
    std::sort(names.begin(), names.end());
    std::string hint = names.empty() ? "no plugin offers a " + kind + "; see ktstr plugin list"
                                     : "known: " + join(names, ", ");
    if (!broken.empty()) hint += "; not usable: " + join(broken, ", ");
    return usage_error("there is no " + kind + " \"" + printable(name) + "\"" + suggestion(name, names),
                       hint);
  }
  if (matches.size() > 1) {
    std::vector<std::string> ids;
    for (const FoundPlugin* match : matches) ids.push_back(match->manifest.id + "/" + name);
    return usage_error("two plugins offer the " + kind + " \"" + printable(name) + "\"",
                       "say which one: " + join(ids, " or "));
  }
  return matches.front();
}

Result<PluginCatalogue::RunnerRow> PluginCatalogue::row_of_runner(const std::string& name) const {
  const auto chosen = choose(KTSTR_RUNNER_INTERFACE, name);
  if (!chosen) return chosen.error();
  const Manifest& manifest = (*chosen)->manifest;
  const std::string own_name = name.substr(name.rfind('/') + 1);
  const auto row = std::find_if(
      manifest.provides.begin(), manifest.provides.end(),
      [&](const ManifestRow& r) { return r.interface_id == KTSTR_RUNNER_INTERFACE && r.name == own_name; });
  if (row == manifest.provides.end()) return RunnerRow{};
  return RunnerRow{*chosen, &*row,
                   manifest.file.filename().string() + ": provides[" +
                       std::to_string(row - manifest.provides.begin()) + "]"};
}

Result<PluginCatalogue::OfferedMetrics> PluginCatalogue::metrics_of_runner(const std::string& name) const {
  const auto found = row_of_runner(name);
  if (!found) return found.error();
  if (found->row == nullptr || found->row->metrics.empty()) return OfferedMetrics{};
  if (const Status trusted = check_manifest(*found->plugin); !trusted) return trusted.error();
  return OfferedMetrics{found->where + ".metrics", found->row->metrics};
}

Result<std::string> PluginCatalogue::runner_bounds(const std::string& name) const {
  const auto found = row_of_runner(name);
  if (!found) return found.error();
  if (found->row == nullptr || found->row->explore.empty()) return std::string();
  if (const Status trusted = check_manifest(*found->plugin); !trusted) return trusted.error();
  return to_text(found->row->explore, 0);
}

Result<const ktstr_impl*> PluginCatalogue::load(const std::string& interface_id, const std::string& name) {
  const auto chosen = choose(interface_id, name);
  if (!chosen) return chosen.error();
  const Manifest& manifest = (*chosen)->manifest;
  if (!(*chosen)->problem.empty()) return plugin_error((*chosen)->problem, (*chosen)->hint);
  const std::string own_name = name.substr(name.rfind('/') + 1);
  if (!is_known_interface(interface_id)) {
    return plugin_error("this ktstr does not know " + printable(interface_id) + ", which " + manifest.id +
                            "/" + own_name + " is",
                        "update ktstr");
  }
  for (const ManifestRow& row : manifest.provides) {
    if (row.interface_id == interface_id && row.name == own_name && row.min_minor > KTSTR_ABI_MINOR)
      return needs_newer_host(manifest.id + "/" + own_name, row.min_minor);
  }
  auto at = loaded_by_id_.find(manifest.id);
  if (at == loaded_by_id_.end()) {
    auto file = open_library(**chosen);
    if (!file) return file.error();
    if (const Status trusted = check_manifest(**chosen); !trusted) return trusted.error();
    if (const auto failed = failed_by_id_.find(manifest.id); failed != failed_by_id_.end())
      return failed->second;
    auto library = Library::load(manifest, std::move(*file), host_for("", "plugin " + manifest.id));
    if (!library) {
      failed_by_id_.emplace(manifest.id, library.error());
      return library.error();
    }
    tell_debug("loaded the plugin " + printable(manifest.id) + " " + printable(manifest.version) + " from " +
               printable((*chosen)->library));
    libraries_.push_back(std::move(*library));
    at = loaded_by_id_.emplace(manifest.id, libraries_.size() - 1).first;
  }
  KTSTR_ASSERT(at->second < libraries_.size());
  const ktstr_impl* impl = libraries_[at->second]->find(interface_id, own_name);
  if (impl == nullptr)
    return plugin_error("plugin " + manifest.id + " does not offer what its manifest says");
  return impl;
}

const Library* PluginCatalogue::loaded(const std::string& plugin_id) const {
  const auto at = loaded_by_id_.find(plugin_id);
  return at == loaded_by_id_.end() ? nullptr : libraries_[at->second].get();
}

Result<std::string> PluginCatalogue::options_of_project(const std::string& interface_id,
                                                        const std::string& name, const OwnOptions& options,
                                                        const fs::path& project_dir) {
  if (options.json.find('"') == std::string::npos) return options.json;  // {} names nothing
  const std::string where = "ktstr.json: " + kind_of(interface_id) + ' ' + printable(name) + ", option";
  if (options.isolate) {
    auto impl = isolate(interface_id, name);
    if (!impl) return options.json;
    auto inside = project_options((*impl)->options_schema(), options.json, project_dir, where);
    idle_[{interface_id, name}] = std::move(*impl);
    return inside;
  }
  const auto impl = load(interface_id, name);
  if (!impl) return options.json;
  return project_options(view_of((*impl)->options_schema), options.json, project_dir, where);
}

Result<std::string> PluginCatalogue::id_of(const std::string& interface_id, const std::string& name) const {
  const auto chosen = choose(interface_id, name);
  if (!chosen) return chosen.error();
  return (*chosen)->manifest.id;
}

Result<std::unique_ptr<IsolatedImpl>> PluginCatalogue::isolate(const std::string& interface_id,
                                                               const std::string& name) {
  if (auto idle = idle_.extract({interface_id, name}); !idle.empty()) return std::move(idle.mapped());
  const auto id = id_of(interface_id, name);
  if (!id) return id.error();
  const std::string what = kind_of(interface_id) + " " + name;
  return IsolatedImpl::load(search_, interface_id, name, what, host_for(*id, what));
}

Status PluginCatalogue::check_choice(const std::string& interface_id, const std::string& name,
                                     const OwnOptions& options) {
  if (const auto chosen = choose(interface_id, name); !chosen) return chosen.error();
  if (options.json.find('"') == std::string::npos) return Ok{};  // {} names nothing, and loading takes time
  const std::string what = kind_of(interface_id) + " " + name;
  if (options.isolate) {
    auto impl = isolate(interface_id, name);
    if (!impl) return Ok{};
    const Status known = check_option_names((*impl)->options_schema(), options.json, what);
    idle_[{interface_id, name}] = std::move(*impl);
    return known;
  }
  const auto impl = load(interface_id, name);
  if (!impl) return Ok{};
  return check_option_names(view_of((*impl)->options_schema), options.json, what);
}

std::string PluginCatalogue::runs_root_option(const std::string& store, const std::string& options_json) {
  if (options_json.find('"') == std::string::npos) return {};
  const auto impl = load(KTSTR_STORE_INTERFACE, store);
  return impl ? option_of_format(view_of((*impl)->options_schema), options_json, kRunsRootFormat) : "";
}

Result<bool> PluginCatalogue::runner_needs_kernel(const std::string& name) {
  const auto impl = load(KTSTR_RUNNER_INTERFACE, name);
  if (!impl) return impl.error();
  const auto& table = *static_cast<const ktstr_runner_v1*>((*impl)->interface_table);
  return (table.capabilities & KTSTR_RUNNER_NO_KERNEL) == 0;
}

Result<bool> PluginCatalogue::store_reads_archives(const std::string& name) {
  const auto impl = load(KTSTR_STORE_INTERFACE, name);
  if (!impl) return impl.error();
  const auto& table = *static_cast<const ktstr_store_v1*>((*impl)->interface_table);
  return (table.capabilities & KTSTR_STORE_ARCHIVE_DIR) != 0;
}

Status PluginCatalogue::check_store(const ktstr_store_v1& table, const std::string& name,
                                    const Creation& creation) const {
  if (!creation.override_dir.empty() && (table.capabilities & KTSTR_STORE_OVERRIDE_DIR) == 0) {
    return usage_error("the store " + printable(name) + " cannot write to the directory of KTSTR_SIDECAR_DIR",
                       "unset KTSTR_SIDECAR_DIR, or use the store of the default configuration");
  }
  if (!creation.archive_dir.empty() && (table.capabilities & KTSTR_STORE_ARCHIVE_DIR) == 0) {
    return usage_error("the store " + printable(name) + " reads no directory of runs",
                       "drop --dir, or use the store of the default configuration");
  }
  return Ok{};
}

void PluginCatalogue::remember_use(const std::string& kind, const std::string& name, const Manifest& manifest,
                                   const std::string& sha256) {
  const kit::Lock lock(used_mutex_);
  const bool known = std::any_of(used_.begin(), used_.end(), [&](const PluginIdentity& one) {
    return one.kind == kind && one.name == name && one.id == manifest.id;
  });
  if (!known) used_.push_back({kind, name, manifest.id, manifest.version, sha256});
}

std::vector<PluginIdentity> PluginCatalogue::used() const {
  const kit::Lock lock(used_mutex_);
  for (PluginIdentity& one : used_) {
    const auto library = loaded_by_id_.find(one.id);
    if (!one.sha256.empty() || library == loaded_by_id_.end())
      continue;  // isolated ones are loaded elsewhere
    KTSTR_ASSERT(library->second < libraries_.size());
    one.sha256 = libraries_[library->second]->sha256();
  }
  return used_;
}

Result<Creation> PluginCatalogue::complete(std::string_view schema, const std::string& what,
                                           const Creation& creation) const {
  auto options = with_secrets(schema, creation.options_json, what, search_.variable);
  if (!options) return options.error();
  if (const Status fine = check_options(schema, *options, what); !fine) return fine.error();
  Creation full = creation;
  full.options_json = std::move(*options);
  return full;
}

template <typename Port, typename Make>
Result<std::unique_ptr<Port>> PluginCatalogue::isolated(const char* interface_id, const std::string& name,
                                                        const Creation& creation, Make make) {
  KTSTR_ASSERT(can_be_isolated(interface_id));  // the configuration refuses it of others
  const auto chosen = choose(interface_id, name);
  if (!chosen) return chosen.error();
  const std::string what = kind_of(interface_id) + " " + name;
  auto impl = isolate(interface_id, name);
  if (!impl) return impl.error();
  const auto full = complete((*impl)->options_schema(), what, creation);
  if (!full) return full.error();
  const Manifest& manifest = (*chosen)->manifest;
  const std::string sha256 = (*impl)->sha256();
  auto made = std::move(**impl).make(host_for(manifest.id, what), what, *full);
  if (!made) return made.error();
  remember_use(kind_of(interface_id), name, manifest, sha256);
  return make(std::move(*made), name);
}

template <typename Port, typename Make>
Result<std::unique_ptr<Port>> PluginCatalogue::instance(const char* interface_id, const std::string& name,
                                                        const Creation& creation, Make make) {
  if (creation.isolate) return isolated<Port>(interface_id, name, creation, make);
  const auto impl = load(interface_id, name);
  if (!impl) return impl.error();
  const std::string what = kind_of(interface_id) + " " + name;
  KTSTR_ASSERT((*impl)->interface_table != nullptr);  // else it had been refused
  const std::string_view schema = view_of((*impl)->options_schema);
  auto full = complete(schema, what, creation);
  if (!full) return full.error();
  if constexpr (std::is_same_v<Port, StorePort>) {
    const auto& table = *static_cast<const ktstr_store_v1*>((*impl)->interface_table);
    if (const Status able = check_store(table, name, creation); !able) return able.error();
    const std::string root = option_of_format(schema, creation.options_json, kRunsRootFormat);
    if (!root.empty()) full->runs_root = root;
  }
  const auto chosen = choose(interface_id, name);
  if (!chosen) return chosen.error();
  const Manifest& manifest = (*chosen)->manifest;
  name_plugin(what, manifest.id);
  tell_debug(what + " is made by the plugin " + printable(manifest.id));
  auto made = PluginInstance::make(host_for(manifest.id, what), *impl, what, *full);
  if (!made) return made.error();
  remember_use(kind_of(interface_id), name, manifest);
  return make(std::move(*made), name);
}

Result<std::unique_ptr<StorePort>> PluginCatalogue::make_store(const std::string& name,
                                                               const Creation& creation) {
  return instance<StorePort>(KTSTR_STORE_INTERFACE, name, creation, store_proxy);
}
Result<std::unique_ptr<RunnerPort>> PluginCatalogue::make_runner(const std::string& name,
                                                                 const Creation& creation) {
  return instance<RunnerPort>(KTSTR_RUNNER_INTERFACE, name, creation, runner_proxy);
}
Result<std::unique_ptr<BaselinePort>> PluginCatalogue::make_baseline(const std::string& name,
                                                                     const Creation& creation) {
  return instance<BaselinePort>(KTSTR_BASELINE_INTERFACE, name, creation, baseline_proxy);
}
Result<std::unique_ptr<GatePort>> PluginCatalogue::make_gate(const std::string& name,
                                                             const Creation& creation) {
  return instance<GatePort>(KTSTR_GATE_INTERFACE, name, creation, gate_proxy);
}
Result<std::unique_ptr<ReporterPort>> PluginCatalogue::make_reporter(const std::string& name,
                                                                     const Creation& creation) {
  return instance<ReporterPort>(KTSTR_REPORTER_INTERFACE, name, creation, reporter_proxy);
}

}  // namespace ktstr
