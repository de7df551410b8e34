// SPDX-License-Identifier: Apache-2.0
#include "monitor/sample_stops.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ktstr/kit/assert.hpp>

#include "protocol/monitor_map.hpp"

namespace ktstr::kvm {
namespace {

constexpr int kSmallestPipe = 4096;

std::filesystem::path stopped_path(const std::filesystem::path& directory) { return directory / "stopped"; }
std::filesystem::path gate_path(const std::filesystem::path& directory, std::size_t gate) {
  return directory / ("gate" + std::to_string(gate));
}

kit::Fd make_pipe(const std::filesystem::path& path) {
  if (::mkfifo(path.c_str(), 0600) != 0) throw_file_error("cannot make", path);
  kit::Fd pipe(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!pipe.open() || ::fcntl(pipe.get(), F_SETPIPE_SZ, kSmallestPipe) < 0)
    throw_file_error("cannot open", path);
  return pipe;
}

}  // namespace

SampleStops::SampleStops(const std::filesystem::path& directory)
    : stopped_(make_pipe(stopped_path(directory))) {
  for (std::size_t i = 0; i < kGates; ++i) {
    gates_[i] = make_pipe(gate_path(directory, i));
    fill(i);
  }
}

void SampleStops::fill(std::size_t gate) {
  KTSTR_ASSERT(gate < gates_.size());
  static constexpr char kNothing[kSmallestPipe] = {};
  for (std::size_t size = sizeof kNothing; size > 0;) {
    if (::write(gates_[gate].get(), kNothing, size) < 0)
      size /= 2;  // a pipe takes all of so little, or nothing
  }
}

bool SampleStops::wait(std::chrono::milliseconds time) {
  pollfd entry{stopped_.get(), POLLIN, 0};
  char byte = 0;
  return ::poll(&entry, 1, static_cast<int>(time.count())) > 0 && ::read(stopped_.get(), &byte, 1) == 1;
}

void SampleStops::go_on() {
  fill(turn_ ^ 1U);  // it was passed one stop ago
  char bytes[kSmallestPipe];
  static_cast<void>(::read(gates_[turn_].get(), bytes, sizeof bytes) < 0);
  turn_ ^= 1U;
}

std::vector<std::string> SampleStops::devices(const std::filesystem::path* directory) {
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < kGates; ++i) {
    const std::string id = "stop" + std::to_string(i);
    std::string backend = "null,id=" + id;
    if (directory != nullptr)
      backend = "file,id=" + id + ",path=" + stopped_path(*directory).string() +
                ",append=on,logfile=" + gate_path(*directory, i).string() + ",logappend=on";
    arguments.insert(arguments.end(),
                     {"-chardev", backend, "-device",
                      "isa-debugcon,iobase=" + std::to_string(kSamplePort + i) + ",chardev=" + id});
  }
  return arguments;
}

}  // namespace ktstr::kvm
