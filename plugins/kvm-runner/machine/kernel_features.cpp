// SPDX-License-Identifier: Apache-2.0
#include "machine/kernel_features.hpp"

#include <string>

#include "machine/files.hpp"
#include "machine/kernel_image.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::uint64_t kLargestConfiguration = 16ULL << 20, kLargestKernel = 1ULL << 30;

std::optional<bool> from_configuration(const std::filesystem::path& path) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) return std::nullopt;
  const std::string text = read_file(path, kLargestConfiguration);
  if (text.find("CONFIG_") == std::string::npos) return std::nullopt;
  return text.find("\nCONFIG_SCHED_CLASS_EXT=y\n") != std::string::npos;
}

}  // namespace

std::optional<bool> kernel_has_sched_ext(const MachineEnvironment& environment,
                                         const std::filesystem::path& image) {
  try {
    if (const auto known = from_configuration(image.parent_path() / "config")) return known;
    make_private_directory(environment.cache_dir);
    const std::string hash = cached_file_hash(image, environment.cache_dir);
    const std::string kernel =
        read_file(bootable_kernel(image, hash, environment.cache_dir, {}), kLargestKernel);
    if (!kernel.starts_with("\177ELF")) return std::nullopt;
    return kernel.find("sched_ext_ops") !=
           std::string::npos;  // the name under which the kernel offers it to BPF
  } catch (const FileError&) {
    return std::nullopt;  // whoever boots it will say what is wrong
  }
}

}  // namespace ktstr::kvm
