// SPDX-License-Identifier: Apache-2.0
#include "plugin/process_state.hpp"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <locale>

#include "support/output.hpp"

namespace ktstr {
namespace {

constexpr unsigned kUnknownMask = ~0U;
constexpr int kQuickSignals[] = {SIGHUP,  SIGINT, SIGTERM, SIGCHLD, SIGPIPE, SIGXFSZ,
                                 SIGSEGV, SIGBUS, SIGABRT, SIGILL,  SIGFPE};
constexpr int kQuickLimits[] = {RLIMIT_NOFILE, RLIMIT_FSIZE};

/// Of a time when nothing had been changed: made before the first call of any plugin.
class Spares {
 public:
  Spares() {
    for (int fd = 0; fd < 3; ++fd) descriptors_[fd] = ::fcntl(fd, F_DUPFD_CLOEXEC, ProcessState::kFirstSpare);
    descriptors_[3] = ::fcntl(output_descriptor(), F_DUPFD_CLOEXEC, ProcessState::kFirstSpare);
    directory_ = ::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  }
  int descriptor(std::size_t which) const {
    KTSTR_ASSERT(which < descriptors_.size());
    return descriptors_[which];
  }
  int directory() const { return directory_; }

 private:
  std::array<int, 4> descriptors_{};
  int directory_ = -1;
};

const Spares& spares() {
  static const Spares held;
  return held;
}

int number_of(std::size_t which) { return which < 3 ? static_cast<int>(which) : output_descriptor(); }

/// umask(2) can only be asked by setting it, which another thread's new file would see.
unsigned current_umask() {
  const int fd = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return kUnknownMask;
  char text[256];
  const ssize_t length = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  text[length > 0 ? length : 0] = '\0';
  const char* line = std::strstr(text, "Umask:");
  return line == nullptr ? kUnknownMask : static_cast<unsigned>(std::strtoul(line + 6, nullptr, 8));
}

std::string name_of(std::size_t which) {
  return which < 3 ? "descriptor " + std::to_string(which) : "the descriptor that output goes to";
}

bool descriptor_is_left() {
  const int fd = ::fcntl(spares().directory(), F_DUPFD_CLOEXEC, 0);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

bool same(const struct sigaction& a, const struct sigaction& b) {
  return a.sa_sigaction == b.sa_sigaction && a.sa_flags == b.sa_flags;
}
bool same(const rlimit& a, const rlimit& b) { return a.rlim_cur == b.rlim_cur && a.rlim_max == b.rlim_max; }

template <typename Body>
void each_signal(ProcessState::Depth depth, Body&& body) {
  if (depth == ProcessState::Depth::kQuick) {
    for (const int number : kQuickSignals) body(number);
    return;
  }
  for (int number = 1; number < SIGRTMIN; ++number) {
    if (number != SIGKILL && number != SIGSTOP && number < 32) body(number);
  }
}

template <typename Body>
void each_limit(ProcessState::Depth depth, Body&& body) {
  if (depth == ProcessState::Depth::kQuick) {
    for (const int which : kQuickLimits) body(which);
    return;
  }
  for (int which = 0; which < static_cast<int>(RLIM_NLIMITS); ++which) body(which);
}

}  // namespace

ProcessState::Identity ProcessState::identity_of_descriptor(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? identity_of(info) : Identity{};
}

ProcessState::Identity ProcessState::working_directory() {
  struct stat info {};
  return ::stat(".", &info) == 0 ? identity_of(info) : Identity{};
}

ProcessState::ProcessState(Depth depth) : depth_(depth), directory_(working_directory()) {
  spares();
  for (std::size_t i = 0; i < kDescriptors; ++i) {
    descriptors_[i] = identity_of_descriptor(number_of(i));
    offsets_[i] = ::lseek(number_of(i), 0, SEEK_CUR);
  }
  each_signal(depth, [&](int number) { ::sigaction(number, nullptr, &signals_[number]); });
  each_limit(depth, [&](int which) { ::getrlimit(static_cast<__rlimit_resource>(which), &limits_[which]); });
  if (depth == Depth::kQuick) return;
  spare_descriptor_ = descriptor_is_left();
  umask_ = current_umask();
  locale_ = std::setlocale(LC_ALL, nullptr);
}

bool ProcessState::restore(std::vector<std::string>& changes) const {
  restore_limits(changes);  // first: the rest may need descriptors
  bool descriptors = restore_descriptors(changes);
  restore_offsets(changes);
  restore_directory(changes);
  restore_signals(changes);
  if (depth_ == Depth::kQuick) return descriptors;
  if (spare_descriptor_ && !descriptor_is_left()) {
    changes.emplace_back("how many descriptors are free (none is left)");
    descriptors = false;
  }
  const unsigned umask_now = current_umask();
  if (umask_ != kUnknownMask && umask_now != kUnknownMask && umask_now != umask_) {
    ::umask(umask_);
    changes.emplace_back("the umask");
  }
  restore_locale(changes);
  return descriptors;
}

void ProcessState::restore_directory(std::vector<std::string>& changes) const {
  if (working_directory() == directory_) return;
  changes.emplace_back("the working directory");
  if (::fchdir(spares().directory()) != 0) changes.back() += " (which cannot be put back)";
}

bool ProcessState::restore_descriptors(std::vector<std::string>& changes) const {
  bool all = true;
  for (std::size_t i = 0; i < kDescriptors; ++i) {
    const int fd = number_of(i);
    if (identity_of_descriptor(fd) == descriptors_[i]) continue;
    changes.push_back(name_of(i));
    const int spare = spares().descriptor(i);
    const bool intact = identity_of_descriptor(spare) == descriptors_[i];
    if (!intact || ::dup3(spare, fd, i < 3 ? 0 : O_CLOEXEC) < 0) all = false;
  }
  return all;
}

/// Back, or on beyond the file's end: what is written next would tear what is there. Others, who share the
/// file, only go on in it.
void ProcessState::restore_offsets(std::vector<std::string>& changes) const {
  for (std::size_t i = 1; i < kDescriptors; ++i) {  // stdin is for programs to read
    const int fd = number_of(i);
    const off_t now = offsets_[i] < 0 ? -1 : ::lseek(fd, 0, SEEK_CUR);
    if (now < 0 || now == offsets_[i]) continue;
    struct stat info {};
    if (now > offsets_[i] && (::fstat(fd, &info) != 0 || now <= info.st_size)) continue;
    ::lseek(fd, std::max(offsets_[i], info.st_size), SEEK_SET);
    changes.push_back("where in its file " + name_of(i) + " writes");
  }
}

void ProcessState::restore_signals(std::vector<std::string>& changes) const {
  std::string names;
  each_signal(depth_, [&](int number) {
    struct sigaction now {};
    if (::sigaction(number, nullptr, &now) != 0 || same(now, signals_[number])) return;
    ::sigaction(number, &signals_[number], nullptr);
    const char* name = ::sigabbrev_np(number);
    names += (names.empty() ? "SIG" : ", SIG") + std::string(name != nullptr ? name : std::to_string(number));
  });
  if (!names.empty()) changes.push_back("what happens at " + names);
}

void ProcessState::restore_limits(std::vector<std::string>& changes) const {
  std::string failed;
  bool changed = false;
  each_limit(depth_, [&](int number) {
    const auto which = static_cast<__rlimit_resource>(number);
    rlimit now{};
    if (::getrlimit(which, &now) != 0 || same(now, limits_[number])) return;
    changed = true;
    rlimit wanted = limits_[number];
    if (::setrlimit(which, &wanted) == 0) return;
    wanted = {std::min(wanted.rlim_cur, now.rlim_max), now.rlim_max};  // only root raises a hard limit again
    ::setrlimit(which, &wanted);
    failed = " (which cannot be put back)";
  });
  if (changed) changes.push_back("resource limits" + failed);
}

void ProcessState::restore_locale(std::vector<std::string>& changes) const {
  const bool c = std::setlocale(LC_ALL, nullptr) != locale_;
  const bool cpp = !(std::locale() == std::locale::classic());
  if (!c && !cpp) return;
  if (cpp) std::locale::global(std::locale::classic());
  std::setlocale(LC_ALL, locale_.c_str());
  changes.emplace_back("the locale");
}

}  // namespace ktstr
