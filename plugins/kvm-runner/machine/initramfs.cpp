// SPDX-License-Identifier: Apache-2.0
#include "machine/initramfs.hpp"

#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kvm {
namespace {

// Documentation/driver-api/early-userspace/buffer-format.rst: a header of 8-digit hex fields, the
// NUL-terminated name and the data, each padded to four bytes.
class Archive {
 public:
  void add(std::string_view name, unsigned mode, std::string_view data, unsigned major = 0,
           unsigned minor = 0) {
    const std::array<unsigned, 13> fields = {++inode_,
                                             mode,
                                             0,
                                             0,
                                             1,
                                             0,
                                             static_cast<unsigned>(data.size()),
                                             0,
                                             0,
                                             major,
                                             minor,
                                             static_cast<unsigned>(name.size() + 1),
                                             0};
    KTSTR_ASSERT(bytes_.size() % 4 == 0 && data.size() <= 0xFFFFFFFFU);
    bytes_ += "070701";
    for (const unsigned field : fields) {
      char text[9];
      std::snprintf(text, sizeof text, "%08X", field);
      bytes_ += text;
    }
    bytes_ += name;
    bytes_ += '\0';
    pad();
    bytes_ += data;
    pad();
  }
  std::string finish() {
    add("TRAILER!!!", 0, {});
    KTSTR_ASSERT(bytes_.size() % 4 == 0 && inode_ > 1);
    return std::move(bytes_);
  }

 private:
  void pad() { bytes_.resize((bytes_.size() + 3) & ~std::size_t{3}, '\0'); }

  std::string bytes_;
  unsigned inode_ = 0;
};

}  // namespace

std::string make_initramfs(std::string_view agent) {
  Archive archive;
  for (const char* directory : {"dev", "proc", "sys", "tmp", "run"})
    archive.add(directory, S_IFDIR | 0755, {});
  archive.add("dev/console", S_IFCHR | 0600, {}, 5, 1);
  archive.add("init", S_IFREG | 0755, agent);
  return archive.finish();
}

}  // namespace ktstr::kvm
