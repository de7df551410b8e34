// SPDX-License-Identifier: Apache-2.0
//
// Locks whose use clang checks (-Wthread-safety): what a mutex guards says so, and what is touched without it
// does not compile. To other compilers the annotations are nothing.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define KTSTR_THREAD_SAFETY(annotation) __attribute__((annotation))
#else
#define KTSTR_THREAD_SAFETY(annotation)
#endif

/// A member that may be touched only while the mutex is held.
#define KTSTR_GUARDED_BY(mutex) KTSTR_THREAD_SAFETY(guarded_by(mutex))
/// A function whose caller holds the mutex.
#define KTSTR_REQUIRES(...) KTSTR_THREAD_SAFETY(requires_capability(__VA_ARGS__))
/// A function whose caller must not hold the mutex, because it takes it.
#define KTSTR_EXCLUDES(...) KTSTR_THREAD_SAFETY(locks_excluded(__VA_ARGS__))

namespace ktstr::kit {

/// std::mutex that the analysis knows.
class KTSTR_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void lock() KTSTR_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
  void unlock() KTSTR_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a mutex while it lives.
class KTSTR_THREAD_SAFETY(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) KTSTR_THREAD_SAFETY(acquire_capability(mutex)) : mutex_(mutex) { mutex.lock(); }
  ~Lock() KTSTR_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Mutex& mutex_;
};

/// What threads that hold a mutex wait for. Wake-ups may be spurious: wait in a loop that looks again.
class Condition {
 public:
  void wait(Mutex& mutex) KTSTR_REQUIRES(mutex) { condition_.wait(mutex); }
  void wait_for(Mutex& mutex, std::chrono::nanoseconds most) KTSTR_REQUIRES(mutex) {
    condition_.wait_for(mutex, most);
  }
  void wake_all() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace ktstr::kit
