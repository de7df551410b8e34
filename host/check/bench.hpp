// SPDX-License-Identifier: Apache-2.0
//
// What a case works with, inside of the process that it has for itself.
#pragma once
#include <ktstr/sdk.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "check/arena.hpp"
#include "check/case.hpp"
#include "check/subject.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/current_call.hpp"

namespace ktstr {

/// Read by the process that waits for this one: what was going on when it ended.
struct CallMark {
  char call[64];
  std::uint64_t number;  ///< of a case by chance
};

/// What a call came back with. The texts are the plugin's.
struct Answer {
  ktstr_status status = KTSTR_OK;
  std::string message;
  bool fine() const { return status == KTSTR_OK; }
};

/// An instance for as long as the object lives.
class Instance;

class Bench {
 public:
  Bench(const CheckSubject& subject, const ManifestRow* row, std::filesystem::path scratch, CallMark& mark);
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  const CheckSubject& subject() const { return subject_; }
  const std::filesystem::path& scratch() const { return scratch_; }
  const ManifestRow& row() const { return *row_; }

  /// Loads the plugin when it is not, and fails the case when it cannot be.
  const ktstr_impl& impl();
  template <typename Table>
  const Table& table() {
    return *static_cast<const Table*>(impl().interface_table);
  }
  const Library& library() {
    impl();
    return *catalogue_->loaded(subject_.manifest.id);
  }
  /// Ends the plugin's life: `deinit`.
  void unload() { catalogue_.reset(); }

  /// One call of the plugin: named in what is told of a crash, a hang, and a changed process.
  template <typename Body>
  auto call(const char* function, Body&& body) {
    const Marked marked(mark_, function);
    if (unguarded) return body();
    const CurrentCall current(what_, function);
    return body();
  }
  /// One with an error struct as its last argument, and what it was handed from `arena`.
  template <typename Body>
  Answer ask(const char* function, Arena& arena, Body&& body) {
    ktstr_error* error = arena.out<ktstr_error>();
    arena.call_begins();
    const ktstr_status status = call(function, [&] { return body(error); });
    arena.call_ends();
    return answer_of(function, status, *error);
  }
  /// The answer of a call that has to succeed here. What the environment lacks is nobody's fault: skipped.
  void need(const char* function, const Answer& answer) const;

  const ktstr_host& host();
  /// Which case by chance begins now.
  void note_number(std::uint64_t number) { mark_.number = number; }
  /// A request as the configuration would make it; `options` empty: those of the user.
  ktstr_create_request request(Arena& arena, std::string_view options = {});
  Answer create(const ktstr_host& host, const ktstr_create_request& request, void** self, Arena& arena);
  void destroy(void* self);
  /// One with the user's options; refused: skipped, saying why.
  Instance make();

  bool echoes = false;  ///< an error may have the hostile names in it that it is about: the host escapes it
  bool unguarded = false;  ///< for calls by the thousand: what they change of the process is not looked at
  std::atomic<bool> cancelled{false};
  struct Line {
    std::int32_t level;
    std::string text;
  };
  kit::Mutex log_mutex;              ///< for calls from several threads; cases read when they are over
  std::vector<std::string> news;     ///< what calls left changed of the process
  std::vector<Line> log;             ///< what the plugin logged
  std::vector<std::string> remarks;  ///< what is wrong with errors that were told

 private:
  class Marked {
   public:
    Marked(CallMark& mark, const char* function);
    ~Marked() { mark_.call[0] = '\0'; }
    Marked(const Marked&) = delete;
    Marked& operator=(const Marked&) = delete;

   private:
    CallMark& mark_;
  };
  Answer answer_of(const char* function, ktstr_status status, ktstr_error& error);
  std::string options_with_secrets();

  const CheckSubject& subject_;
  const ManifestRow* row_;
  std::filesystem::path scratch_;
  CallMark& mark_;
  std::string what_;
  std::unique_ptr<PluginCatalogue> catalogue_;
  const ktstr_impl* impl_ = nullptr;
  ktstr_host host_{};
};

class Instance {
 public:
  Instance(Bench& bench, void* self) : bench_(&bench), self_(self) {}
  ~Instance() { end(); }
  Instance(Instance&& other) noexcept : bench_(other.bench_), self_(other.self_) { other.bench_ = nullptr; }
  Instance& operator=(Instance&&) = delete;
  void* self() const { return self_; }
  void end() {
    if (bench_ != nullptr) bench_->destroy(self_);
    bench_ = nullptr;
  }

 private:
  Bench* bench_;
  void* self_;
};

/// One ordinary use of an instance of any kind; what came out of it, to be compared with another time's.
std::string use(Bench& bench, void* self, Arena& arena);
std::string use_gate(Bench& bench, void* self, Arena& arena);
std::string use_reporter(Bench& bench, void* self, Arena& arena);
std::string use_store(Bench& bench, void* self, Arena& arena);
std::string use_baseline(Bench& bench, void* self, Arena& arena);
std::string use_runner(Bench& bench, void* self, Arena& arena);

/// Valid UTF-8 without a line feed: what the host escapes before it shows it.
bool is_one_line(std::string_view text);

inline std::string text_of(ktstr_str text) {
  return text.ptr == nullptr ? std::string() : std::string(text.ptr, text.len);
}

}  // namespace ktstr
