// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <ktstr/kit/mutex.hpp>
#include <memory>
#include <string>

#include "ports/ports.hpp"

namespace ktstr {

/// What a test leaves beside its sidecar, until the test ends: a file without a name, however long it gets.
class ArtifactFile : public ArtifactPort {
 public:
  /// In `directory`; where that cannot have one, in memory.
  static Result<std::unique_ptr<ArtifactFile>> make(const std::filesystem::path& directory,
                                                    const ArtifactRequest& request);
  ~ArtifactFile() override;
  /// Any thread. After a failure the artifact stays incomplete, and `read` says why.
  Status write(std::string_view bytes) override;

  const std::string& test() const { return test_; }
  const std::string& name() const { return name_; }
  bool failure() const { return failure_; }
  std::uint64_t size();
  /// Hands the bytes to `use`, which borrows them.
  Status read(const std::function<Status(std::string_view)>& use);

 private:
  ArtifactFile(int fd, const ArtifactRequest& request)
      : fd_(fd), test_(request.test), name_(request.name), failure_(request.failure) {}

  int fd_;
  std::string test_, name_;
  bool failure_;
  kit::Mutex mutex_;
  std::size_t size_ KTSTR_GUARDED_BY(mutex_) = 0;
  Status state_ KTSTR_GUARDED_BY(mutex_) = Ok{};
};

}  // namespace ktstr
