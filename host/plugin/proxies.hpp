// SPDX-License-Identifier: Apache-2.0
//
// Turns the C tables of plugins into the ports that the application knows. Everything that comes back is
// checked: a status becomes an Error, texts are terminated, enumerations are in range, no exception of ours
// crosses into a plugin.
#pragma once
#include <ktstr/sdk.h>

#include <memory>
#include <string>

#include "plugin/current_call.hpp"
#include "ports/ports.hpp"

namespace ktstr {

/// One instance of an implementation, destroyed with the object.
class PluginInstance {
 public:
  static Result<std::unique_ptr<PluginInstance>> make(const ktstr_host* host, const ktstr_impl* impl,
                                                      std::string what, const Creation& creation);
  /// One that was made elsewhere and is destroyed by `impl`.
  static std::unique_ptr<PluginInstance> adopt(const ktstr_impl* impl, void* self, std::string what,
                                               const Creation& creation, CallPlace place);
  ~PluginInstance();
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  void* self() const { return self_; }
  const std::string& what() const { return what_; }  ///< "gate welch"
  const Creation& creation() const { return creation_; }
  CallPlace place() const { return place_; }
  template <typename Table>
  const Table* table() const {
    return static_cast<const Table*>(impl_->interface_table);
  }

 private:
  PluginInstance(const ktstr_impl* impl, void* self, std::string what, Creation creation, CallPlace place)
      : impl_(impl), self_(self), what_(std::move(what)), creation_(std::move(creation)), place_(place) {}
  const ktstr_impl* impl_;
  void* self_;
  std::string what_;
  Creation creation_;
  CallPlace place_;
};

/// What an instance is made from, as the ABI has it; the texts are those of `creation`.
ktstr_create_request request_of(const Creation& creation);

/// What a status means to the user; `not_found` is the exit code that KTSTR_NOT_FOUND stands for.
Error error_of(ktstr_status status, ktstr_error& error, const std::string& what,
               ExitCode not_found = ExitCode::kPlugin);

inline ktstr_str borrowed(std::string_view text) { return {text.data(), text.size()}; }
inline std::string owned(ktstr_str text) {
  return text.ptr == nullptr ? std::string() : std::string(text.ptr, text.len);
}

/// Calls one function of a plugin with an error struct as its last argument.
template <typename Call>
Status call_plugin(const PluginInstance& instance, const char* function, Call&& call,
                   ExitCode not_found = ExitCode::kPlugin) {
  ktstr_error error{};
  error.size = sizeof error;
  const CurrentCall current(instance.what(), function, instance.place());
  const ktstr_status status = call(&error);
  if (status == KTSTR_OK) return Ok{};
  return error_of(status, error, instance.what(), not_found);
}

std::unique_ptr<StorePort> store_proxy(std::unique_ptr<PluginInstance> instance, const std::string& name);
std::unique_ptr<RunnerPort> runner_proxy(std::unique_ptr<PluginInstance> instance, const std::string& name);
std::unique_ptr<BaselinePort> baseline_proxy(std::unique_ptr<PluginInstance> instance,
                                             const std::string& name);
std::unique_ptr<GatePort> gate_proxy(std::unique_ptr<PluginInstance> instance, const std::string& name);
std::unique_ptr<ReporterPort> reporter_proxy(std::unique_ptr<PluginInstance> instance,
                                             const std::string& name);

}  // namespace ktstr
