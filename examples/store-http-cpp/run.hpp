// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/sdk.hpp>
#include <set>

#include "http.hpp"

namespace http_store {

bool is_sidecar(std::string_view name);

/// What a run follows from and who began it last; a file that listings leave out.
inline constexpr std::string_view kMark = ".mark";

/// A run that is being written.
class Run : public ktstr::sdk::StoreRun {
 public:
  Run(const Server& server, std::string directory, const ktstr::sdk::RunRequest& request);

  void put(const ktstr::sdk::PutRequest& request) override;
  void remove_artifact(std::string_view name) override;
  ktstr::sdk::RunChanges end(bool complete) override;

 private:
  void begin();
  /// True when it has taken the place of one.
  bool store(const std::string& name, std::string_view bytes);
  /// What an earlier invocation left beside a sidecar that is made anew.
  void remove_beside(const std::string& sidecar);
  /// Removes the files that `own` does not name; how many of them were sidecars.
  std::uint64_t clear(const std::set<std::string>& own);

  const Server& server_;
  std::string directory_, session_, inputs_;
  bool preclear_, partial_, begun_ = false, first_of_session_ = false;
  std::set<std::string> written_;
  ktstr::sdk::RunChanges changes_;
};

}  // namespace http_store
