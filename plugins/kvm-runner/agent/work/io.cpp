// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "agent/work/buffer.hpp"
#include "agent/work/functions.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

constexpr std::size_t kIoBlock = kPage;

/// A file of one worker that is all there, in blocks.
class WorkFile {
 public:
  WorkFile(WorkContext& context, std::uint64_t bytes) : blocks_(bytes / kIoBlock), fd_(scratch_file()) {
    for (std::uint64_t block = 0; block < blocks_ && !context.stopped(); ++block) {
      write(block);
      if (block % 64 == 0) context.telemetry.checkpoint();
    }
  }
  ~WorkFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  WorkFile(const WorkFile&) = delete;
  WorkFile& operator=(const WorkFile&) = delete;

  std::uint64_t blocks() const { return blocks_; }
  bool write(std::uint64_t block) {
    return ::pwrite(fd_, block_, kIoBlock, static_cast<off_t>(block * kIoBlock)) ==
           static_cast<ssize_t>(kIoBlock);
  }
  bool read(std::uint64_t block) {
    return ::pread(fd_, block_, kIoBlock, static_cast<off_t>(block * kIoBlock)) ==
           static_cast<ssize_t>(kIoBlock);
  }
  void sync() { ::fdatasync(fd_); }

 private:
  std::uint64_t blocks_;
  int fd_;
  unsigned char block_[kIoBlock] = {};
};

/// Syncs the file; how long that took is what is measured.
void sync_file(WorkContext& c, WorkFile& file) {
  c.telemetry.checkpoint();
  const std::uint64_t begin = now_ns();
  file.sync();
  c.telemetry.latency(now_ns() - begin);
  c.telemetry.woke();
}

}  // namespace

void io_sync_write(WorkContext& c) {
  const std::uint64_t pause = c.work.count("sleep_us") * kMicrosecond;
  WorkFile file(c, (c.work.count("bytes") + kIoBlock - 1) / kIoBlock * kIoBlock);
  while (!c.stopped()) {
    for (std::uint64_t block = 0; block < file.blocks() && !c.stopped(); ++block)
      c.telemetry.add_units(file.write(block) ? 1 : 0);
    sync_file(c, file);
    c.telemetry.add_iteration();
    rest(c, pause);
  }
}

void io_rand_read(WorkContext& c) {
  WorkFile file(c, c.work.count("file_mib") << 20);
  while (!c.stopped()) {
    const std::uint64_t begin = now_ns();
    c.telemetry.add_units(file.read(c.random.below(file.blocks())) ? 1 : 0);
    c.telemetry.latency(now_ns() - begin);
    c.telemetry.checkpoint();
    c.telemetry.add_iteration();
  }
}

void io_convoy(WorkContext& c) {
  const std::uint64_t flush_every = c.work.count("flush_every");
  WorkFile file(c, c.work.count("file_mib") << 20);
  for (std::uint64_t round = 1; !c.stopped(); ++round) {
    c.telemetry.add_units(file.write(round % file.blocks()) ? 1 : 0);
    c.telemetry.add_units(file.read(c.random.below(file.blocks())) ? 1 : 0);
    c.telemetry.checkpoint();
    if (round % flush_every == 0) sync_file(c, file);
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
