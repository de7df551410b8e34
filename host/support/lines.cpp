// SPDX-License-Identifier: Apache-2.0
#include "support/lines.hpp"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

gzFile as_gz(void* file) { return static_cast<gzFile>(file); }

}  // namespace

void LineReader::Close::operator()(void* file) const { ::gzclose_r(as_gz(file)); }

Result<LineReader> LineReader::open(const std::filesystem::path& path, std::size_t max_line) {
  const std::string name = printable(path.string());
  auto plain = kit::open_regular(path);
  if (!plain) return to_error(plain.error(), {}, ExitCode::kUsage);
  gzFile file = ::gzdopen(plain->get(), "rb");
  if (file == nullptr) return plugin_error("cannot read " + name + ": out of memory");
  plain->release();  // belongs to `file` now
  ::gzbuffer(file, 1U << 17);
  return LineReader(file, name, max_line);
}

Result<std::optional<std::string>> LineReader::next() {
  std::string line;
  for (;;) {
    KTSTR_ASSERT(at_ <= buffer_.size());
    const std::size_t end = buffer_.find('\n', at_);
    line.append(buffer_, at_, end == std::string::npos ? end : end - at_);
    if (line.size() > max_line_)
      return usage_error(name_ + ": line " + std::to_string(line_ + 1) + " is longer than " +
                         std::to_string(max_line_ >> 20) + " MiB");
    if (end != std::string::npos) {
      at_ = end + 1;
      ++line_;
      return std::optional(std::move(line));
    }
    buffer_.resize(1U << 16);
    const int n = ::gzread(as_gz(file_.get()), buffer_.data(), static_cast<unsigned>(buffer_.size()));
    KTSTR_ASSERT(n <= static_cast<int>(buffer_.size()));
    int status = Z_OK;
    const char* reason = ::gzerror(as_gz(file_.get()), &status);
    buffer_.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    at_ = 0;
    if (n < 0 || (n == 0 && status != Z_OK && status != Z_STREAM_END)) {
      return usage_error("cannot read " + name_ + " after line " + std::to_string(line_) + ": " +
                         (status == Z_ERRNO ? std::strerror(errno) : printable(reason)));
    }
    if (n == 0) {
      if (line.empty()) return std::optional<std::string>();
      ++line_;
      return std::optional(std::move(line));
    }
  }
}

}  // namespace ktstr
