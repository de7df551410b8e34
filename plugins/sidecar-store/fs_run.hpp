// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/cpp/store.hpp>
#include <ktstr/kit/lock.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "options.hpp"

namespace ktstr::fs_store {

/// One run being written. The first write of an invocation decides, under the run's lock, what becomes of
/// what an earlier one left: what follows from other inputs goes at once, what follows from the same is
/// replaced file by file.
class FsRun : public sdk::StoreRun {
 public:
  FsRun(const Options& options, std::string directory, const sdk::RunRequest& request);

  void put(const sdk::PutRequest& request) override;
  void remove_artifact(std::string_view name) override;
  sdk::RunChanges end(bool complete) override;

 private:
  template <typename Work>
  void locked(const Work& work);
  void begin_once(const std::string& locks);
  std::vector<std::string> old_files() const;
  void clear(const std::vector<std::string>& names);
  void clear_what_is_left();

  const Options& options_;
  std::string directory_, key_, session_, inputs_;
  bool preclear_, partial_, in_session_;
  bool begun_ = false;
  std::set<std::string, std::less<>> mine_;  ///< names that this object has written
  std::map<std::string, std::uint64_t>
      before_;  ///< files of earlier invocations with the same inputs, by their stamp
  sdk::RunChanges changes_;
  kit::HeldLock alive_;  ///< shared, on the run directory: the run is being written
};

}  // namespace ktstr::fs_store
