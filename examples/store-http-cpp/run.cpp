// SPDX-License-Identifier: Apache-2.0
#include "run.hpp"

namespace http_store {
namespace sdk = ktstr::sdk;
namespace {

constexpr std::string_view kSidecarEnd = ".ktstr.json";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

bool is_sidecar(std::string_view name) { return ends_with(name, kSidecarEnd); }

Run::Run(const Server& server, std::string directory, const sdk::RunRequest& request)
    : server_(server),
      directory_(std::move(directory) + '/'),
      session_(request.session),
      inputs_(request.inputs),
      preclear_(request.preclear),
      partial_(request.partial) {}

void Run::put(const sdk::PutRequest& request) {
  begin();
  const std::string name(request.name);
  const bool replaced = store(name, request.bytes);
  written_.insert(name);
  if (replaced && !request.artifact) remove_beside(name);
}

void Run::remove_artifact(std::string_view name) { server_.remove(directory_ + std::string(name)); }

sdk::RunChanges Run::end(bool complete) {
  // Of the same inputs what this session has not made anew goes, once all of it is there.
  if (complete && begun_ && first_of_session_ && !partial_) changes_.cleared += clear(written_);
  return changes_;
}

/// At the first file: what follows from other inputs goes, once for each session.
void Run::begin() {
  if (begun_) return;
  begun_ = true;
  if (!preclear_) return;
  const std::string mark = inputs_ + '\n' + session_;
  const Answer before = server_.get(directory_ + std::string(kMark));
  if (before.status == 200 && before.body == mark) return;  // another process of this session was here
  first_of_session_ = true;
  if (inputs_.empty() || before.status != 200 || before.body.substr(0, before.body.find('\n')) != inputs_) {
    changes_.cleared = clear({});
    changes_.other_inputs = changes_.cleared > 0;
  }
  store(std::string(kMark), mark);
}

bool Run::store(const std::string& name, std::string_view bytes) {
  const std::string path = directory_ + name;
  const Answer answer = server_.put(path, bytes);
  if (answer.status != 201 && answer.status != 204)
    throw sdk::Error(KTSTR_IO,
                     server_.url(path) + ": PUT was answered with " + std::to_string(answer.status));
  return answer.status == 204;
}

void Run::remove_beside(const std::string& sidecar) {
  const std::string stem = sidecar.substr(0, sidecar.size() - kSidecarEnd.size()) + '.';
  bool exists = false;
  for (const Entry& entry : server_.list(directory_.substr(0, directory_.size() - 1), exists)) {
    const bool beside = entry.name.compare(0, stem.size(), stem) == 0;
    if (beside && written_.count(entry.name) == 0) server_.remove(directory_ + entry.name);
  }
}

std::uint64_t Run::clear(const std::set<std::string>& own) {
  bool exists = false;
  std::uint64_t cleared = 0;
  for (const Entry& entry : server_.list(directory_.substr(0, directory_.size() - 1), exists)) {
    if (entry.directory || entry.name == kMark || own.count(entry.name) != 0) continue;
    server_.remove(directory_ + entry.name);
    if (is_sidecar(entry.name)) ++cleared;
  }
  return cleared;
}

}  // namespace http_store
