// SPDX-License-Identifier: Apache-2.0
#include "plugin/library.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#define BOOST_DLL_USE_STD_FS
#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/fd.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/text.hpp>

#include "plugin/code_owner.hpp"
#include "plugin/proxies.hpp"

namespace ktstr {
namespace {

std::string_view view(ktstr_str text) {
  return text.ptr == nullptr ? std::string_view{} : std::string_view(text.ptr, text.len);
}

/// The functions that every table of a kind must have, checked by its size and for null.
#define KTSTR_NEEDS(type, field)                                 \
  if (!KTSTR_HAS(type, table, field) || table->field == nullptr) \
  return "its table for " + id + " lacks " #field

/// Empty for what this host does not know: it is never used.
std::string check_table(const std::string& id, const void* pointer) {
  if (pointer == nullptr) return "it has no table for " + id;
  if (id == KTSTR_STORE_INTERFACE) {
    const auto* table = static_cast<const ktstr_store_v1*>(pointer);
    if (table->reserved != 0) return "a reserved field of its table for " + id + " is not 0";
    KTSTR_NEEDS(ktstr_store_v1, list_runs);
    KTSTR_NEEDS(ktstr_store_v1, list_sidecars);
    KTSTR_NEEDS(ktstr_store_v1, read);
    KTSTR_NEEDS(ktstr_store_v1, begin_run);
    KTSTR_NEEDS(ktstr_store_v1, put);
    KTSTR_NEEDS(ktstr_store_v1, end_run);
    KTSTR_NEEDS(ktstr_store_v1, locate);
  } else if (id == KTSTR_RUNNER_INTERFACE) {
    const auto* table = static_cast<const ktstr_runner_v1*>(pointer);
    KTSTR_NEEDS(ktstr_runner_v1, probe);
    KTSTR_NEEDS(ktstr_runner_v1, discover);
    KTSTR_NEEDS(ktstr_runner_v1, run);
    KTSTR_NEEDS(ktstr_runner_v1, interrupt);
  } else if (id == KTSTR_BASELINE_INTERFACE) {
    const auto* table = static_cast<const ktstr_baseline_v1*>(pointer);
    KTSTR_NEEDS(ktstr_baseline_v1, describe);
    KTSTR_NEEDS(ktstr_baseline_v1, resolve);
    KTSTR_NEEDS(ktstr_baseline_v1, checkout);
  } else if (id == KTSTR_GATE_INTERFACE) {
    const auto* table = static_cast<const ktstr_gate_v1*>(pointer);
    if (table->reserved != 0) return "a reserved field of its table for " + id + " is not 0";
    KTSTR_NEEDS(ktstr_gate_v1, evaluate);
  } else if (id == KTSTR_REPORTER_INTERFACE) {
    const auto* table = static_cast<const ktstr_reporter_v1*>(pointer);
    if (table->reserved != 0) return "a reserved field of its table for " + id + " is not 0";
    KTSTR_NEEDS(ktstr_reporter_v1, begin);
    KTSTR_NEEDS(ktstr_reporter_v1, rows);
    KTSTR_NEEDS(ktstr_reporter_v1, end);
  }
  return {};
}

const ktstr_impl* impl_at(const ktstr_plugin* plugin, std::uint32_t index) {
  KTSTR_ASSERT(index < plugin->impl_count);
  return reinterpret_cast<const ktstr_impl*>(reinterpret_cast<const char*>(plugin->impls) +
                                             std::size_t{index} * plugin->impl_stride);
}

bool is_row_of(const ManifestRow& row, const ktstr_impl& impl) {
  return row.interface_id == impl.interface_id && view(impl.name) == row.name;
}

std::string check_impl(const ktstr_impl& impl, const std::string& id, const std::string& name) {
  const std::string shown = printable(id) + " \"" + printable(name) + "\"";
  if (!KTSTR_HAS(ktstr_impl, &impl, interface_table) || impl.create == nullptr || impl.destroy == nullptr)
    return "its implementation of " + shown + " is incomplete";
  if (impl.reserved != 0) return "a reserved field of its implementation of " + shown + " is not 0";
  return check_table(id, impl.interface_table);
}

/// What manifest and code offer must be the same, as far as this host knows what it is.
std::string check_impls(const ktstr_plugin* plugin, const Manifest& manifest) {
  for (std::uint32_t i = 0; i < plugin->impl_count; ++i) {
    const ktstr_impl* impl = impl_at(plugin, i);
    if (!KTSTR_HAS(ktstr_impl, impl, name) || impl->interface_id == nullptr)
      return "implementation " + std::to_string(i) + " is incomplete";
    if (!is_known_interface(impl->interface_id)) continue;
    const bool told = std::any_of(manifest.provides.begin(), manifest.provides.end(),
                                  [&](const ManifestRow& row) { return is_row_of(row, *impl); });
    if (!told) {
      return "its entry offers " + printable(impl->interface_id) + " \"" + printable(view(impl->name)) +
             "\", which its manifest does not name";
    }
  }
  for (const ManifestRow& row : manifest.provides) {
    if (!is_known_interface(row.interface_id) || row.min_minor > KTSTR_ABI_MINOR) continue;
    const ktstr_impl* found = nullptr;
    for (std::uint32_t i = 0; i < plugin->impl_count && found == nullptr; ++i) {
      if (is_row_of(row, *impl_at(plugin, i))) found = impl_at(plugin, i);
    }
    if (found == nullptr) {
      return "its manifest names " + printable(row.interface_id) + " \"" + printable(row.name) +
             "\", which its entry does not offer";
    }
    if (const std::string problem = check_impl(*found, row.interface_id, row.name); !problem.empty())
      return problem;
  }
  return {};
}

}  // namespace

struct Library::Mapped {
  explicit Mapped(TrustedLibrary from) : file(std::move(from)) {}
  TrustedLibrary file;  ///< stays open: the dynamic linker takes equal names for equal libraries
  kit::Fd bytes;        ///< the file that was loaded, whatever has its name by now
  boost::dll::shared_library library;
};

bool is_known_interface(std::string_view id) {
  for (const char* known : {KTSTR_STORE_INTERFACE, KTSTR_RUNNER_INTERFACE, KTSTR_BASELINE_INTERFACE,
                            KTSTR_GATE_INTERFACE, KTSTR_REPORTER_INTERFACE}) {
    if (id == known) return true;
  }
  return false;
}

std::string check_descriptor(const ktstr_plugin* plugin, const Manifest& manifest) {
  if (plugin == nullptr) return "its entry returned nothing";
  if (!KTSTR_HAS(ktstr_plugin, plugin, impls))
    return "its descriptor is too short (" + std::to_string(plugin->size) + " bytes)";
  if (plugin->abi_major != KTSTR_ABI_MAJOR) {
    return "it was built for ABI " + std::to_string(plugin->abi_major) + "." +
           std::to_string(plugin->abi_minor) + ", this host speaks " + std::to_string(KTSTR_ABI_MAJOR) + ".x";
  }
  const auto disagrees = [](const char* what, std::string_view entry, const std::string& manifest_says) {
    return std::string(what) + ": its entry says \"" + printable(entry) + "\", its manifest \"" +
           printable(manifest_says) + "\"";
  };
  if (view(plugin->id) != manifest.id) return disagrees("id", view(plugin->id), manifest.id);
  if (view(plugin->version) != manifest.version)
    return disagrees("version", view(plugin->version), manifest.version);
  if (plugin->impls == nullptr || plugin->impl_stride < offsetof(ktstr_impl, extension) ||
      plugin->impl_count > 64)
    return "its list of implementations is not usable";
  return check_impls(plugin, manifest);
}

Result<std::unique_ptr<Library>> Library::load(const Manifest& manifest, TrustedLibrary file,
                                               const ktstr_host* host) {
  const std::string shown = printable(manifest.library_path().string());
  if (manifest.abi_major != KTSTR_ABI_MAJOR) {
    return plugin_error(
        "plugin " + manifest.id + " needs ABI " + std::to_string(manifest.abi_major) +
            ".x, this host speaks " + std::to_string(KTSTR_ABI_MAJOR) + "." + std::to_string(KTSTR_ABI_MINOR),
        manifest.abi_major > KTSTR_ABI_MAJOR ? "update ktstr, or use an older release of the plugin"
                                             : "use a newer release of the plugin");
  }
  auto library = std::unique_ptr<Library>(new Library);
  library->mapped_ = std::make_unique<Mapped>(std::move(file));
  library->id_ = manifest.id;
  try {
    // RTLD_LOCAL is the default of boost::dll. Never unloaded: code, statics and threads of a plugin may
    // outlive its last use.
    const auto mode =
        static_cast<boost::dll::load_mode::type>(boost::dll::load_mode::rtld_now | RTLD_NODELETE);
    const std::string what = "plugin " + manifest.id;
    library->mapped_->bytes = kit::Fd(::open(library->mapped_->file.path().c_str(), O_RDONLY | O_CLOEXEC));
    {
      const CurrentCall current(what, "its constructors");
      library->mapped_->library.load(boost::dll::fs::path(library->mapped_->file.path()), mode);
    }
    if (!library->mapped_->library.has("ktstr_plugin_entry_v1")) {
      return plugin_error("plugin " + manifest.id + ": " + shown + " has no ktstr_plugin_entry_v1",
                          "was it built for another major of the ABI, or not with ktstr_add_plugin()?");
    }
    auto& entry = library->mapped_->library.get<const ktstr_plugin*()>("ktstr_plugin_entry_v1");
    remember_code(reinterpret_cast<const void*>(&entry), what);
    const CurrentCall current(what, "ktstr_plugin_entry_v1");
    library->entry_ = &entry;
    library->plugin_ = entry();
  } catch (const std::exception& failure) {
    return plugin_error("plugin " + manifest.id + ": " + shown +
                        " cannot be loaded: " + printable(failure.what()));
  }
  if (const std::string problem = check_descriptor(library->plugin_, manifest); !problem.empty()) {
    library->plugin_ = nullptr;  // never initialised, so never deinitialised
    return plugin_error("plugin " + manifest.id + " is refused: " + problem,
                        "rebuild it with this SDK, or remove " + printable(manifest.file.string()));
  }
  if (KTSTR_HAS(ktstr_plugin, library->plugin_, init) && library->plugin_->init != nullptr) {
    ktstr_error error{};
    error.size = sizeof error;
    const std::string what = "plugin " + manifest.id;
    const CurrentCall current(what, "init");
    if (const ktstr_status status = library->plugin_->init(host, &error); status != KTSTR_OK) {
      library->plugin_ = nullptr;
      Error failure = error_of(status, error, what);
      failure.message = what + " could not start: " + failure.message;
      return failure;
    }
  }
  return library;
}

Library::~Library() {
  if (plugin_ == nullptr || !KTSTR_HAS(ktstr_plugin, plugin_, deinit) || plugin_->deinit == nullptr) return;
  const std::string what = "plugin " + id_;
  const CurrentCall current(what, "deinit");
  plugin_->deinit();
}

std::string Library::sha256() const {
  std::string sum;
  const int fd = mapped_->bytes.get();
  return ::lseek(fd, 0, SEEK_SET) == 0 && kit::sha256_of_file(fd, sum) ? sum : "";
}

bool Library::entry_is_steady() const {
  const std::string what = "plugin " + id_;
  const CurrentCall current(what, "ktstr_plugin_entry_v1");
  return entry_() == plugin_;
}

const ktstr_impl* Library::find(std::string_view interface_id, std::string_view name) const {
  KTSTR_ASSERT(plugin_ != nullptr);  // one that could not start is nobody's
  for (std::uint32_t i = 0; i < plugin_->impl_count; ++i) {
    const ktstr_impl* impl = impl_at(plugin_, i);
    if (interface_id == impl->interface_id && view(impl->name) == name) return impl;
  }
  return nullptr;
}

}  // namespace ktstr
