// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/cpp/store.hpp>
#include <ktstr/kit/mutex.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client.hpp"
#include "file_cache.hpp"
#include "run_view.hpp"
#include "sessions.hpp"

namespace ktstr::s3_store {

inline constexpr std::uint32_t kRequestsAtOnce = 16;

/// Runs in a bucket; object_name.hpp has the layout.
class S3Store : public sdk::Store {
 public:
  S3Store(Options options, const Variables& variables, CredentialChain::Conceal conceal);

  void list_runs(const sdk::RunVisitor& visit) override;
  void list_sidecars(std::string_view key, const sdk::SidecarVisitor& visit) override;
  void list_artifacts(std::string_view key, const sdk::SidecarVisitor& visit) override;
  void read(std::string_view key, std::string_view name, const sdk::Writer& out) override;
  void read_many(std::string_view key, const std::vector<std::string_view>& names,
                 const sdk::FileVisitor& visit) override;
  void probe() override;
  std::unique_ptr<sdk::StoreRun> begin_run(const sdk::RunRequest& request) override;
  std::string locate(std::string_view key, std::string_view name) override;
  void list_history(const sdk::RunVisitor& visit) override;
  void remove(std::string_view key) override;
  std::unique_ptr<sdk::StoreSession> begin_session(std::string_view name, bool resume) override;
  void list_sessions(const sdk::RunVisitor& visit) override;
  void tidy(bool dry_run, const sdk::RunVisitor& visit) override;

 private:
  /// The files of one key, by the names that lists have: a run, an entry of the history, a session, a pass.
  struct Listing {
    Files files;
    bool exists = false;
  };
  std::map<std::string, std::vector<ListedObject>> by_place(const std::string& prefix);
  Listing listing_of(std::string_view key);
  ListedObject object_of(std::string_view key, std::string_view name);
  std::string bytes_of(std::string_view key, std::string_view name);
  void list_files(std::string_view key, bool sidecars, const sdk::SidecarVisitor& visit);
  void remove_run(const std::string& key);
  void remove_past(const std::string& run, const std::string& id);
  void forget(const std::string& place);

  Options options_;
  Profile profile_;
  Location location_;
  Http http_;
  CredentialChain credentials_;
  Client client_;
  FileCache cache_;
  Sessions sessions_;
  kit::Mutex mutex_;
  std::map<std::string, Listing, std::less<>> known_ KTSTR_GUARDED_BY(mutex_);  ///< as they were listed last
  std::set<std::string> open_;  ///< places of runs that are being written by this instance
};

}  // namespace ktstr::s3_store
