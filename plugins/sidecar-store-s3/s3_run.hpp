// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/cpp/store.hpp>
#include <map>
#include <set>
#include <string>

#include "client.hpp"
#include "run_view.hpp"

namespace ktstr::s3_store {

/// One invocation that writes a run or a pass. Each of its files is an object of its own, made once; the
/// first is preceded by one that says how it deals with earlier results, so nothing has to be removed or
/// locked.
class S3Run : public sdk::StoreRun {
 public:
  /// `changed` is told when something was written.
  S3Run(Client& client, std::string place, const sdk::RunRequest& request, std::function<void()> changed,
        std::function<void(const std::string&)> warn);

  void put(const sdk::PutRequest& request) override;
  void remove_artifact(std::string_view name) override;
  sdk::RunChanges end(bool complete) override;
  const std::string& place() const { return place_; }

 private:
  void begin();
  void make(const std::string& key, std::string_view bytes);
  void drop_what_is_left();

  Client& client_;
  std::string place_;
  WriterBegin begin_;
  std::function<void()> changed_;
  std::function<void(const std::string&)> warn_;
  std::string writer_;
  bool begun_ = false;
  std::uint64_t number_ = 0;
  std::set<std::string, std::less<>> known_;   ///< names that the run has or had
  std::set<std::string, std::less<>> mine_;    ///< names that this object has written
  std::map<std::string, std::string> before_;  ///< of earlier invocations with the same inputs: name -> key
  sdk::RunChanges changes_;
};

/// Who writes, for messages and to find out whether he still lives: JSON.
std::string writer_text(const std::string& what);
/// Of a text of writer_text: whether that process has ended for sure, because it was one of this machine.
bool writer_has_ended(std::string_view text);
/// "pid 17 on host"; hostile text made safe.
std::string writer_shown(std::string_view text);

}  // namespace ktstr::s3_store
