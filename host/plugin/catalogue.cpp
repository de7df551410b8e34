// SPDX-License-Identifier: Apache-2.0
#include "plugin/catalogue.hpp"

#include <ktstr/abi/library.h>

#include <algorithm>
#include <ktstr/kit/hash.hpp>

#include "plugin/project_options.hpp"
#include "plugin/proxies.hpp"
#include "plugin/trust.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace fs = std::filesystem;

std::string kind_of(const std::string& interface_id) {
  const std::size_t dot = interface_id.find('.'), slash = interface_id.find('/');
  return dot == std::string::npos || slash == std::string::npos || slash < dot
             ? interface_id
             : interface_id.substr(dot + 1, slash - dot - 1);
}

ktstr_str PluginCatalogue::library_path(const ktstr_host* host, ktstr_str plugin_id) noexcept {
  const auto* self = static_cast<const PluginCatalogue*>(host->ctx);
  if (self == nullptr || plugin_id.ptr == nullptr) return {nullptr, 0};
  for (const FoundPlugin& found : self->plugins_) {
    if (!found.shadowed && found.manifest.id == std::string_view(plugin_id.ptr, plugin_id.len))
      return borrowed(found.library);
  }
  return {nullptr, 0};
}

PluginCatalogue::PluginCatalogue(const PluginSearch& search, Log log, const std::atomic<bool>& cancelled)
    : trusted_(search.trusted_sha256), log_(std::move(log)), cancelled_(cancelled) {
  static constexpr std::string_view kName = "ktstr", kVersion = KTSTR_VERSION;
  host_.size = sizeof host_;
  host_.abi_major = KTSTR_ABI_MAJOR;
  host_.abi_minor = KTSTR_ABI_MINOR;
  host_.ctx = this;
  host_.name = {kName.data(), kName.size()};
  host_.version = {kVersion.data(), kVersion.size()};
  host_.log = [](const ktstr_host* host, std::int32_t level, ktstr_str message) noexcept {
    auto* self = static_cast<PluginCatalogue*>(host->ctx);
    if (self == nullptr || !self->log_) return;
    try {
      self->log_(level, printable(std::string_view(message.ptr, message.len)));
    } catch (...) {  // a full disk behind stderr must not end a plugin's call
      return;
    }
  };
  host_.cancelled = [](const ktstr_host* host) noexcept -> std::int32_t {
    const auto* self = static_cast<const PluginCatalogue*>(host->ctx);
    return self != nullptr && self->cancelled_ ? 1 : 0;
  };
  host_.extension = [](const ktstr_host*, const char* id) noexcept -> const void* {
    static constexpr ktstr_library_service kLibrary{sizeof(ktstr_library_service), 0, library_path};
    return id != nullptr && std::string_view(id) == KTSTR_LIBRARY_SERVICE ? &kLibrary : nullptr;
  };

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
        if (!trusted_.empty()) found.manifest_sha256 = kit::sha256_of(*text);
        found.shadowed = std::any_of(plugins_.begin(), plugins_.end(), [&](const FoundPlugin& other) {
          return other.manifest.id == found.manifest.id;
        });
      } else {
        found.problem = manifest.error().message;
        found.hint = manifest.error().hint;
      }
      plugins_.push_back(std::move(found));
    }
  }
}

PluginCatalogue::~PluginCatalogue() {
  while (!libraries_.empty()) libraries_.pop_back();  // deinit in reverse order of loading
  host_.ctx = nullptr;
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
      names.push_back(row.name);
      if (row.name == name || found.manifest.id + "/" + row.name == name) matches.push_back(&found);
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

Result<PluginCatalogue::OfferedMetrics> PluginCatalogue::metrics_of_runner(const std::string& name) const {
  const auto chosen = choose(KTSTR_RUNNER_INTERFACE, name);
  if (!chosen) return chosen.error();
  const Manifest& manifest = (*chosen)->manifest;
  const std::string own_name = name.substr(name.rfind('/') + 1);
  const auto row = std::find_if(
      manifest.provides.begin(), manifest.provides.end(),
      [&](const ManifestRow& r) { return r.interface_id == KTSTR_RUNNER_INTERFACE && r.name == own_name; });
  if (row == manifest.provides.end() || row->metrics.empty()) return OfferedMetrics{};
  if (const Status trusted = check_trust(manifest.file, (*chosen)->manifest_sha256, trusted_); !trusted)
    return trusted.error();
  const std::string where = manifest.file.filename().string() + ": provides[" +
                            std::to_string(row - manifest.provides.begin()) + "].metrics";
  return OfferedMetrics{where, row->metrics};
}

Result<const ktstr_impl*> PluginCatalogue::load(const std::string& interface_id, const std::string& name) {
  const auto chosen = choose(interface_id, name);
  if (!chosen) return chosen.error();
  const Manifest& manifest = (*chosen)->manifest;
  if (!(*chosen)->problem.empty()) return plugin_error((*chosen)->problem, (*chosen)->hint);
  auto at = loaded_by_id_.find(manifest.id);
  if (at == loaded_by_id_.end()) {
    auto file = TrustedLibrary::open(manifest.library_path(), trusted_);
    if (!file) return file.error();
    if (const Status trusted = check_trust(manifest.file, (*chosen)->manifest_sha256, trusted_); !trusted)
      return trusted.error();
    if (const auto failed = failed_by_id_.find(manifest.id); failed != failed_by_id_.end())
      return failed->second;
    auto library = Library::load(manifest, std::move(*file), &host_);
    if (!library) {
      failed_by_id_.emplace(manifest.id, library.error());
      return library.error();
    }
    libraries_.push_back(std::move(*library));
    at = loaded_by_id_.emplace(manifest.id, libraries_.size() - 1).first;
  }
  const std::size_t slash = name.rfind('/');
  const ktstr_impl* impl =
      libraries_[at->second]->find(interface_id, slash == std::string::npos ? name : name.substr(slash + 1));
  if (impl == nullptr)
    return plugin_error("plugin " + manifest.id + " does not offer what its manifest says");
  return impl;
}

Result<std::string> PluginCatalogue::options_of_project(const std::string& interface_id,
                                                        const std::string& name,
                                                        const std::string& options_json,
                                                        const fs::path& project_dir) {
  if (options_json.find('"') == std::string::npos) return options_json;  // {} names nothing
  const auto impl = load(interface_id, name);
  if (!impl) return options_json;
  const std::string_view schema =
      (*impl)->options_schema.ptr == nullptr
          ? std::string_view()
          : std::string_view((*impl)->options_schema.ptr, (*impl)->options_schema.len);
  return project_options(schema, options_json, project_dir,
                         "ktstr.json: " + kind_of(interface_id) + ' ' + printable(name) + ", option");
}

template <typename Port, typename Make>
static Result<std::unique_ptr<Port>> instance(PluginCatalogue& catalogue, const ktstr_host* host,
                                              const char* interface_id, const std::string& name,
                                              const std::string& options, Make make) {
  const auto impl = catalogue.load(interface_id, name);
  if (!impl) return impl.error();
  auto made = PluginInstance::make(host, *impl, kind_of(interface_id) + " " + name, options);
  if (!made) return made.error();
  return make(std::move(*made), name);
}

Result<std::unique_ptr<StorePort>> PluginCatalogue::make_store(const std::string& name,
                                                               const std::string& options) {
  return instance<StorePort>(*this, &host_, KTSTR_STORE_INTERFACE, name, options, store_proxy);
}
Result<std::unique_ptr<RunnerPort>> PluginCatalogue::make_runner(const std::string& name,
                                                                 const std::string& options) {
  return instance<RunnerPort>(*this, &host_, KTSTR_RUNNER_INTERFACE, name, options, runner_proxy);
}
Result<std::unique_ptr<BaselinePort>> PluginCatalogue::make_baseline(const std::string& name,
                                                                     const std::string& options) {
  return instance<BaselinePort>(*this, &host_, KTSTR_BASELINE_INTERFACE, name, options, baseline_proxy);
}
Result<std::unique_ptr<GatePort>> PluginCatalogue::make_gate(const std::string& name,
                                                             const std::string& options) {
  return instance<GatePort>(*this, &host_, KTSTR_GATE_INTERFACE, name, options, gate_proxy);
}
Result<std::unique_ptr<ReporterPort>> PluginCatalogue::make_reporter(const std::string& name,
                                                                     const std::string& options) {
  return instance<ReporterPort>(*this, &host_, KTSTR_REPORTER_INTERFACE, name, options, reporter_proxy);
}

}  // namespace ktstr
