// SPDX-License-Identifier: Apache-2.0
//
// Run directories on a local file system:
//
//   {root}/{key}/…ktstr.json           sidecars; one level of subdirectories is read too
//   {root}/.locks/{key}.lock           advisory lock, held while one file of the run is written
//   {root}/.locks/{key}.session        what the results follow from, and the invocations that have begun to
//                                      write the run
//   {root}/.history/{key}/{when}-{n}/  what was put aside, with the option "history"
//   {root}/.sessions/{name}/{pass}/    repeated runs
//
// With `directory` set (KTSTR_SIDECAR_DIR) that directory is the only run, used as it is: no lock, nothing is
// cleared.
#pragma once
#include <ktstr/cpp/store.hpp>
#include <ktstr/kit/fd.hpp>
#include <string>
#include <vector>

#include "options.hpp"
#include "run_directory.hpp"
#include "sessions.hpp"

namespace ktstr::fs_store {

class FsStore : public sdk::Store {
 public:
  explicit FsStore(Options options);

  void list_runs(const sdk::RunVisitor& visit) override;
  void list_sidecars(std::string_view run_key, const sdk::SidecarVisitor& visit) override;
  void list_artifacts(std::string_view run_key, const sdk::SidecarVisitor& visit) override;
  void read(std::string_view run_key, std::string_view name, const sdk::Writer& out) override;
  void read_many(std::string_view run_key, const std::vector<std::string_view>& names,
                 const sdk::FileVisitor& visit) override;
  void probe() override;
  std::unique_ptr<sdk::StoreRun> begin_run(const sdk::RunRequest& request) override;
  std::string locate(std::string_view run_key, std::string_view name) override;
  void list_history(const sdk::RunVisitor& visit) override;
  void remove(std::string_view key) override;
  std::unique_ptr<sdk::StoreSession> begin_session(std::string_view name, bool resume) override;
  void list_sessions(const sdk::RunVisitor& visit) override;
  void tidy(bool dry_run, const sdk::RunVisitor& visit) override;

 private:
  kit::Fd open_run(std::string_view run_key) const;
  std::string run_directory(std::string_view run_key) const;
  void list_files(std::string_view run_key, bool (*wanted)(std::string_view), Closed closed,
                  const sdk::SidecarVisitor& visit) const;

  Options options_;
  Sessions sessions_;
};

}  // namespace ktstr::fs_store
