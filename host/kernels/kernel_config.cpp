// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_config.hpp"

#include <zlib.h>
#include <zstd.h>

#include <ktstr/kit/assert.hpp>
#include <memory>

#include "kernels/image_size.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kMostKernel = 1ULL << 30, kMostConfig = 16ULL << 20;

struct Needed {
  std::string_view option, what;
};

constexpr Needed kGuest[] = {
    {"CONFIG_BLK_DEV_INITRD", "the guest's file system"},
    {"CONFIG_BINFMT_ELF", "programs"},
    {"CONFIG_SMP", "more than one CPU"},
    {"CONFIG_ACPI", "topologies"},
    {"CONFIG_NUMA", "topologies of several nodes"},
    {"CONFIG_DEVTMPFS", "/dev"},
    {"CONFIG_DEVMEM", "talking to the host"},
    {"CONFIG_PROC_FS", "/proc"},
    {"CONFIG_SYSFS", "/sys"},
    {"CONFIG_TMPFS", "/tmp"},
    {"CONFIG_SERIAL_8250_CONSOLE", "the kernel's own words when something fails"},
    {"CONFIG_X86_IOPL_IOPERM", "saving booted guests"},
    {"CONFIG_HIGH_RES_TIMERS", "latencies below a tick"},
    {"CONFIG_CGROUPS", "cgroups"},
    {"CONFIG_CPUSETS", "cgroups with CPUs of their own"},
    {"CONFIG_CGROUP_SCHED", "cgroups that the scheduler knows"},
    {"CONFIG_SCHEDSTATS", "run delays"},
};
constexpr Needed kSchedExt[] = {
    {"CONFIG_BPF_SYSCALL", "sched_ext"},
    {"CONFIG_BPF_JIT", "sched_ext"},
    {"CONFIG_DEBUG_INFO_BTF", "sched_ext"},
};
constexpr std::string_view kSchedExtOption = "CONFIG_SCHED_CLASS_EXT";

/// Unpacks gzip (not zlib) data, whatever follows it; nothing when it is none or too large.
std::optional<std::string> gunzip(std::string_view packed, std::size_t limit) {
  z_stream stream{};
  if (packed.size() > kMostKernel || ::inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return std::nullopt;
  const std::unique_ptr<z_stream, decltype(&::inflateEnd)> end(&stream, ::inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  std::string chunk(1 << 18, '\0');
  for (int status = Z_OK; status != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    KTSTR_ASSERT(stream.avail_out <= chunk.size());
    if (status != Z_OK && status != Z_STREAM_END) return std::nullopt;
    text.append(chunk, 0, chunk.size() - stream.avail_out);
    if (text.size() > limit) return std::nullopt;
  }
  return text;
}

std::optional<std::string> unzstd(std::string_view packed, std::size_t limit) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 31);  // the kernel's build packs with --ultra
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::string text;
  std::string chunk(1 << 18, '\0');
  for (std::size_t left = 1; left != 0;) {
    ZSTD_outBuffer out{chunk.data(), chunk.size(), 0};
    const std::size_t before = in.pos;
    left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left) != 0 || (out.pos == 0 && in.pos == before)) return std::nullopt;
    text.append(chunk, 0, out.pos);
    if (text.size() > limit) return std::nullopt;
  }
  return text;
}

/// kernel/configs.c puts the gzipped .config between these two marks.
std::optional<std::string> config_in_kernel(std::string_view kernel) {
  constexpr std::string_view kBegin = "IKCFG_ST", kEnd = "IKCFG_ED";
  for (std::size_t at = kernel.find(kBegin); at != std::string_view::npos; at = kernel.find(kBegin, at + 1)) {
    const std::size_t begin = at + kBegin.size(), end = kernel.find(kEnd, begin);
    if (end == std::string_view::npos) return std::nullopt;
    if (auto config = gunzip(kernel.substr(begin, end - begin), kMostConfig)) return config;
  }
  return std::nullopt;
}

}  // namespace

bool built_in(std::string_view config, std::string_view option) {
  const std::string line = std::string(option) + "=y";
  for (std::size_t at = config.find(line); at != std::string_view::npos; at = config.find(line, at + 1)) {
    const bool begins = at == 0 || config[at - 1] == '\n';
    const std::size_t end = at + line.size();
    if (begins && (end == config.size() || config[end] == '\n' || config[end] == '\r')) return true;
  }
  return false;
}

std::vector<std::string> missing_options(std::string_view config) {
  std::vector<std::string> missing;
  const auto look = [&](const auto& options) {
    for (const Needed& needed : options) {
      if (!built_in(config, needed.option))
        missing.push_back(std::string(needed.option) + " (" + std::string(needed.what) + ")");
    }
  };
  look(kGuest);
  if (built_in(config, kSchedExtOption)) look(kSchedExt);
  return missing;
}

std::optional<std::string> config_in_image(std::string_view image) {
  if (image.starts_with("\177ELF")) return config_in_kernel(image);
  const std::string_view payload = payload_of_bzimage(image);
  std::optional<std::string> kernel;
  if (payload.starts_with("\x28\xb5\x2f\xfd")) kernel = unzstd(payload, kMostKernel);
  if (payload.starts_with("\x1f\x8b")) kernel = gunzip(payload, kMostKernel);
  return kernel ? config_in_kernel(*kernel) : std::nullopt;
}

}  // namespace ktstr
