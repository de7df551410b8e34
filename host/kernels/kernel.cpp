// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel.hpp"

#include <algorithm>
#include <charconv>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <vector>

#include "kernels/image_size.hpp"
#include "kernels/kernel_config.hpp"
#include "support/files.hpp"
#include "support/process.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxImage = 1ULL << 30;

std::string word_at(std::string_view bytes, std::size_t at) {
  std::size_t end = at;
  while (end < bytes.size() && end - at < 128 && bytes[end] > ' ' && bytes[end] < 127) ++end;
  return std::string(bytes.substr(at, end - at));
}

bool looks_like_release(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9' &&
         text.find('.') != std::string_view::npos;
}

std::vector<long> numbers_of(std::string_view version) {
  std::vector<long> numbers;
  for (const std::string& part : split(version.substr(0, version.find('-')), '.')) {
    long number = 0;
    std::from_chars(part.data(), part.data() + part.size(), number);
    numbers.push_back(number);
  }
  while (numbers.size() > 1 && numbers.back() == 0) numbers.pop_back();
  KTSTR_ASSERT(!numbers.empty());
  return numbers;
}

/// Takes what the configuration at `path` tells; false when there is none.
bool take_config(const fs::path& path, Kernel& kernel) {
  const auto config = read_file(path, 16 << 20);
  if (!config) return false;
  kernel.config = path;
  kernel.sched_ext = built_in(*config, "CONFIG_SCHED_CLASS_EXT");
  kernel.missing = missing_options(*config);
  return true;
}

void add_commit(const fs::path& tree, Kernel& kernel, const std::atomic<bool>& cancel) {
  std::error_code error;
  if (!fs::exists(tree / ".git", error)) return;  // at the tree, not above it
  const auto head = run_process(
      {{"git", "-C", tree.string(), "rev-parse", "HEAD"}, {}, {}, std::chrono::seconds(20), 4096}, cancel);
  if (!head || !head->succeeded() || head->out.size() < 40 ||
      head->out.substr(0, 40).find_first_not_of("0123456789abcdef") != std::string::npos)
    return;
  kernel.commit_full = head->out.substr(0, 40);
  kernel.commit = kernel.commit_full.substr(0, 7);
  const auto status =
      run_process({{"git", "-C", tree.string(), "status", "--porcelain", "--untracked-files=no"},
                   {},
                   {},
                   std::chrono::seconds(60),
                   4096},
                  cancel);
  if (status && status->succeeded() && !status->out.empty()) kernel.commit += "-dirty";
}

}  // namespace

// Documentation/arch/x86/boot.rst: kernel_version at 0x20e points (less 0x200) to the release string.
std::string release_of_image(std::string_view bytes) {
  if (bytes.size() > 0x210 && bytes.substr(0x202, 4) == "HdrS") {
    const std::size_t at =
        static_cast<unsigned char>(bytes[0x20e]) + 256U * static_cast<unsigned char>(bytes[0x20f]) + 0x200U;
    const std::string release = at > 0x200 && at < bytes.size() ? word_at(bytes, at) : std::string();
    return looks_like_release(release) ? release : std::string();
  }
  if (bytes.starts_with("\177ELF")) {
    static constexpr std::string_view kBanner = "Linux version ";
    for (std::size_t at = bytes.find(kBanner); at != std::string_view::npos;
         at = bytes.find(kBanner, at + 1)) {
      const std::string release = word_at(bytes, at + kBanner.size());
      if (looks_like_release(release)) return release;
    }
  }
  return {};
}

std::string version_of_release(std::string_view release) {
  std::size_t end = 0;
  while (end < release.size() && ((release[end] >= '0' && release[end] <= '9') || release[end] == '.')) ++end;
  if (release.substr(end).starts_with("-rc")) {
    end += 3;
    while (end < release.size() && release[end] >= '0' && release[end] <= '9') ++end;
  }
  std::string version(release.substr(0, end));
  while (version.ends_with('.')) version.pop_back();
  KTSTR_ASSERT(release.starts_with(version));
  return version;
}

int compare_versions(std::string_view a, std::string_view b) {
  const auto x = numbers_of(a), y = numbers_of(b);
  if (x != y) return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end()) ? -1 : 1;
  const auto rc = [](std::string_view text) {
    const std::size_t at = text.find("-rc");
    int number = 1 << 20;  // a release comes after all its candidates
    if (at != std::string_view::npos)
      std::from_chars(text.data() + at + 3, text.data() + text.size(), number);
    return number;
  };
  return rc(a) < rc(b) ? -1 : rc(a) > rc(b) ? 1 : 0;
}

std::vector<Kernel> oldest_first(std::vector<Kernel> kernels) {
  std::stable_sort(kernels.begin(), kernels.end(), [](const Kernel& a, const Kernel& b) {
    const int order = compare_versions(a.version, b.version);
    if (order != 0) return order < 0;
    return a.label != b.label ? a.label < b.label : a.image.empty() < b.image.empty();
  });
  const auto same = [](const Kernel& a, const Kernel& b) { return a.id() == b.id(); };
  kernels.erase(std::unique(kernels.begin(), kernels.end(), same), kernels.end());
  return kernels;
}

bool version_matches(std::string_view wanted, std::string_view version) {
  if (wanted == version) return true;
  return std::count(wanted.begin(), wanted.end(), '.') < 2 && version.starts_with(std::string(wanted) + ".");
}

bool looks_like_version(std::string_view text) {
  return !text.empty() && version_of_release(text) == text && text.front() >= '0' && text.front() <= '9';
}

Result<Kernel> kernel_at_path(const fs::path& path, const std::atomic<bool>& cancel, const FileSums& sums) {
  std::error_code error;
  fs::path image = fs::absolute(path, error);
  fs::path tree;
  if (fs::is_directory(image, error)) {
    tree = image;
    image = tree / "arch/x86/boot/bzImage";
    if (!fs::exists(image, error)) image = tree / "vmlinux";
    if (!fs::exists(image, error)) {
      return environment_error("there is no built kernel in " + printable(tree.string()) +
                                   " (neither arch/x86/boot/bzImage nor vmlinux)",
                               "build it first: make -C " + printable(tree.string()));
    }
  }
  const auto bytes = read_file(image, kMaxImage);
  if (!bytes) return environment_error(bytes.error().message);
  Kernel kernel;
  kernel.image = fs::canonical(image, error);
  kernel.release = release_of_image(*bytes);
  if (kernel.release.empty())
    return environment_error(printable(image.string()) +
                             " is not a kernel image (neither bzImage nor vmlinux)");
  if (const std::uint64_t whole = size_by_header(*bytes); whole > bytes->size()) {
    return environment_error(printable(image.string()) + " is truncated: its header says " +
                                 std::to_string(whole) + " bytes, it has " + std::to_string(bytes->size()),
                             "copy or build it again");
  }
  if (!tree.empty()) {
    if (const auto release = read_file(tree / "include/config/kernel.release", 256);
        release && !release->empty()) {
      const std::string word = word_at(*release, 0);
      if (looks_like_release(word)) kernel.release = word;
    }
    take_config(tree / ".config", kernel);
    add_commit(tree, kernel, cancel);
    kernel.source = "build tree " + tree.lexically_normal().string();
  } else {
    kernel.source = image.lexically_normal().string();
    // Beside the image, or, for an image in a build tree, at the tree's top.
    const fs::path beside = image.parent_path();
    std::vector<fs::path> places = {beside / ("config-" + kernel.release), beside / "config",
                                    beside / ".config"};
    if (image.filename() == "bzImage") places.push_back((beside / "../../../.config").lexically_normal());
    for (const fs::path& config : places) {
      if (take_config(config, kernel)) break;
    }
  }
  kernel.version = version_of_release(kernel.release);
  const auto sum = sums.of(kernel.image);
  if (!sum) return environment_error(sum.error().message);
  kernel.label = "h" + sum->substr(0, 7);
  return kernel;
}

}  // namespace ktstr
