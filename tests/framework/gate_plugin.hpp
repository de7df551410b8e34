// SPDX-License-Identifier: Apache-2.0
//
// A gate's plugin.cpp that is compiled into its test, entered where the host enters it.
#pragma once
#include <ktstr/sdk.hpp>
#include <string>
#include <string_view>

namespace ktstr::testing {

inline const ktstr_plugin& plugin() { return *ktstr_plugin_entry_v1(); }
inline const ktstr_gate_v1& table() { return *static_cast<const ktstr_gate_v1*>(plugin().impls[0].interface_table); }

inline ktstr_verdict blank() {
  ktstr_verdict verdict{};
  verdict.size = sizeof verdict;
  return verdict;
}

class Instance {
 public:
  explicit Instance(std::string_view options) {
    host_.size = sizeof host_;
    error_.size = sizeof error_;
    status_ = plugin().impls[0].create(&host_, {options.data(), options.size()}, &self_, &error_);
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance() {
    if (self_ != nullptr) plugin().impls[0].destroy(self_);
  }
  ktstr_status status() const { return status_; }
  std::string message() const { return error_.message; }
  void* self() const { return self_; }

 private:
  ktstr_host host_{};
  ktstr_error error_{};
  ktstr_status status_ = KTSTR_INTERNAL;
  void* self_ = nullptr;
};

}  // namespace ktstr::testing
