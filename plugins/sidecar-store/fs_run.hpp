// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/cpp/store.hpp>
#include <string>

#include "options.hpp"

namespace ktstr::fs_store {

/// One run being written. The first put of an invocation clears what an earlier one left, under the run's lock.
class FsRun : public sdk::StoreRun {
 public:
  FsRun(const Options& options, std::string directory, std::string key, std::string_view session, bool preclear);

  void put(std::string_view name, std::string_view bytes) override;
  void put_artifact(std::string_view name, std::string_view bytes) override;
  void end() override {}

 private:
  void store(std::string_view name, std::string_view bytes);
  void clear_once(const std::string& locks);
  void put_aside();

  const Options& options_;
  std::string directory_, key_, session_;
  bool preclear_;
  bool swept_ = false;
};

}  // namespace ktstr::fs_store
