// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/work/buffer.hpp"
#include "agent/work/functions.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {

// Its end is looked for every 64 KiB or so, however large it is.
void stride_through(WorkContext& c, std::span<unsigned char> bytes, std::size_t stride) {
  constexpr std::size_t kAccesses = 1024;
  for (std::size_t at = 0; at < bytes.size() && !c.stopped();) {
    std::size_t done = 0;
    for (; done < kAccesses && at < bytes.size(); ++done, at += stride) {
      volatile unsigned char& byte = bytes[at];
      byte = static_cast<unsigned char>(byte + 1);
    }
    c.telemetry.add_units(done);
    c.telemetry.checkpoint();
  }
}

void cache_pressure(WorkContext& c) {
  const Buffer buffer(c.work.count("cache_kib") * 1024);
  while (!c.stopped()) {
    stride_through(c, buffer.bytes(), c.work.count("stride"));
    c.telemetry.add_iteration();
  }
}

void cache_yield(WorkContext& c) {
  const Buffer buffer(c.work.count("cache_kib") * 1024);
  while (!c.stopped()) {
    stride_through(c, buffer.bytes(), c.work.count("stride"));
    ::sched_yield();
    c.telemetry.woke();
    c.telemetry.add_iteration();
  }
}

void cache_pipe(WorkContext& c) {
  const Buffer buffer(c.work.count("cache_kib") * 1024);
  pass_by_pipe(c, [&] {
    spin(c, c.work.count("units"));
    stride_through(c, buffer.bytes(), kLine);
  });
}

void page_fault_churn(WorkContext& c) {
  const Buffer buffer(c.work.count("region_kib") * 1024);
  const std::span<unsigned char> bytes = buffer.bytes();
  const std::uint64_t touches = c.work.count("touches"), units = c.work.count("units"),
                      pages = bytes.size() / kPage;
  const auto faults = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_minflt);
  };
  std::uint64_t before = faults();
  while (!c.stopped()) {
    for (std::uint64_t touch = 0; touch < touches && pages > 0 && !c.stopped(); ++touch) {
      volatile unsigned char& byte = bytes[c.random.below(pages) * kPage];
      byte = 1;
      if (touch % 64 == 63) c.telemetry.checkpoint();
    }
    spin(c, units);
    ::madvise(bytes.data(), bytes.size(), MADV_DONTNEED);
    const std::uint64_t now = faults();
    c.telemetry.count(0, now - before);
    before = now;
    c.telemetry.add_iteration();
  }
}

void ipc_variance(WorkContext& c) {
  const std::uint64_t hot = c.work.count("hot_units"), cold = c.work.count("cold_accesses");
  const Buffer buffer(c.work.count("cache_kib") * 1024);
  stride_through(c, buffer.bytes(), kPage);  // without pages of its own each line would be the zero page's
  const std::uint64_t lines = buffer.bytes().size() / kLine;
  while (!c.stopped()) {
    spin(c, hot);
    for (std::uint64_t done = 0; done < cold && lines > 0 && !c.stopped(); ++done) {
      volatile unsigned char& byte = buffer.bytes()[c.random.below(lines) * kLine];
      byte = static_cast<unsigned char>(byte + 1);
      if (done % 256 == 255) c.telemetry.checkpoint();
    }
    c.telemetry.add_units(cold);
    c.telemetry.checkpoint();
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
