// SPDX-License-Identifier: Apache-2.0
//
// pool-parse-only ROOT: the least that a program can do with a pool. Reads and parses every file of every
// directory below ROOT with simdjson on all CPUs, and keeps nothing.
#include <fcntl.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  if (argc != 2) return std::fputs("usage: pool-parse-only ROOT\n", stderr), 2;
  std::vector<std::string> runs;
  for (const auto& run : fs::directory_iterator(argv[1])) {
    if (run.is_directory() && run.path().filename().string().front() != '.') runs.push_back(run.path());
  }
  std::atomic<std::size_t> next{0}, parsed{0}, bytes{0};
  const auto work = [&] {
    simdjson::dom::parser parser;
    std::string text;
    for (std::size_t r = next++; r < runs.size(); r = next++) {
      for (const auto& file : fs::directory_iterator(runs[r])) {
        const int fd = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
        struct stat info {};
        if (fd < 0 || ::fstat(fd, &info) != 0) continue;
        const auto size = static_cast<std::size_t>(info.st_size);
        if (text.size() < size + simdjson::SIMDJSON_PADDING) text.resize(size + simdjson::SIMDJSON_PADDING);
        const ssize_t got = ::read(fd, text.data(), size);
        ::close(fd);
        if (got > 0 &&
            parser.parse(text.data(), static_cast<std::size_t>(got), false).error() == simdjson::SUCCESS)
          ++parsed;
        bytes += size;
      }
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < std::max(1U, std::thread::hardware_concurrency()); ++t) threads.emplace_back(work);
  threads.clear();
  std::printf("%zu files, %zu bytes\n", parsed.load(), bytes.load());
  return 0;
}
