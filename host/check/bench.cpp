// SPDX-License-Identifier: Apache-2.0
#include "check/bench.hpp"

#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "plugin/options_schema.hpp"

namespace ktstr {
namespace {

Bench* only = nullptr;  // of this process; what callbacks without a context of ours write to

void note_log(const ktstr_host*, std::int32_t level, ktstr_str message) noexcept {
  if (only == nullptr) return;
  const kit::Lock lock(only->log_mutex);
  only->log.push_back({level, text_of(message)});
}

void note_news(const std::string& line) {
  if (only == nullptr) return;
  const kit::Lock lock(only->log_mutex);
  only->news.push_back(line);
}

}  // namespace

bool is_one_line(std::string_view text) {
  return text.find('\n') == std::string_view::npos && kit::valid_utf8(text) == text;
}

Bench::Bench(const CheckSubject& subject, const ManifestRow* row, std::filesystem::path scratch,
             CallMark& mark)
    : subject_(subject), row_(row), scratch_(std::move(scratch)), mark_(mark) {
  KTSTR_ASSERT(only == nullptr);  // one case a process
  only = this;
  what_ = row == nullptr ? "plugin " + subject.manifest.id : kind_of(row->interface_id) + " " + row->name;
  on_plugin_news(note_news);
  for (const char* name : {"project", "cache", "runs"}) std::filesystem::create_directory(scratch_ / name);
}

Bench::~Bench() {
  unload();
  only = nullptr;
}

Bench::Marked::Marked(CallMark& mark, const char* function) : mark_(mark) {
  std::strncpy(mark_.call, function, sizeof mark_.call - 1);
}

const ktstr_impl& Bench::impl() {
  if (impl_ != nullptr) return *impl_;
  const Marked marked(mark_, "ktstr_plugin_entry_v1");
  PluginSearch search;
  search.places.push_back({subject_.directory, "checked", true});
  search.trusted_sha256 = subject_.trusted_sha256;
  search.variable = subject_.variable;
  catalogue_ = std::make_unique<PluginCatalogue>(
      search, [](int, const std::string&) {}, cancelled);
  const ManifestRow& wanted = row_ != nullptr ? *row_ : subject_.manifest.provides.front();
  for (const FoundPlugin& found : catalogue_->plugins()) {
    if (found.manifest.file == subject_.manifest.file && found.shadowed)
      fail("another manifest in the same directory has the id " + printable(found.manifest.id));
  }
  const auto loaded = catalogue_->load(wanted.interface_id, subject_.manifest.id + "/" + wanted.name);
  if (!loaded) fail(loaded.error().message);
  impl_ = *loaded;
  host_ = *catalogue_->host_for(subject_.manifest.id, what_);
  host_.log = note_log;
  return *impl_;
}

const ktstr_host& Bench::host() {
  impl();
  return host_;
}

Answer Bench::answer_of(const char* function, ktstr_status status, ktstr_error& error) {
  if (status == KTSTR_OK) return {};
  const bool ends = std::memchr(error.message, 0, sizeof error.message) != nullptr &&
                    std::memchr(error.hint, 0, sizeof error.hint) != nullptr;
  error.message[sizeof error.message - 1] = error.hint[sizeof error.hint - 1] = '\0';
  const std::string message = error.message, hint = error.hint, of = std::string("an error of ") + function;
  if (!ends) remarks.push_back(of + " is not NUL-terminated");
  if (message.empty()) remarks.push_back(of + " says nothing");
  if (error.code != status)
    remarks.push_back(of + " has the code " + std::to_string(error.code) + ", the call returned " +
                      std::to_string(status));
  if (!echoes && (!is_one_line(message) || !is_one_line(hint)))
    remarks.push_back(of + " is not one line of UTF-8: " + printable(message));
  return {status, message};
}

void Bench::need(const char* function, const Answer& answer) const {
  if (answer.fine()) return;
  const std::string told =
      std::string(function) + ": " +
      (answer.message.empty() ? "status " + std::to_string(answer.status) : printable(answer.message));
  if (answer.status == KTSTR_UNAVAILABLE) skip(told);
  fail(told);
}

std::string Bench::options_with_secrets() {
  const ktstr_impl& made = impl();
  const std::string schema = text_of(made.options_schema);
  const auto options = with_secrets(schema, subject_.options, what_, subject_.variable);
  if (!options) skip(options.error().message);
  if (const Status fine = check_options(schema, *options, what_); !fine)
    skip(fine.error().message + "; --options gives it what it needs");
  return *options;
}

ktstr_create_request Bench::request(Arena& arena, std::string_view options) {
  const std::string own = options.empty() ? options_with_secrets() : std::string(options);
  const std::string project = subject_.project.empty() ? (scratch_ / "project").string() : subject_.project;
  return {sizeof(ktstr_create_request),
          0,
          arena.text(own),
          arena.text(project),
          arena.text((scratch_ / "cache").string()),
          arena.text((scratch_ / "runs").string()),
          {nullptr, 0},
          {nullptr, 0}};
}

Answer Bench::create(const ktstr_host& host, const ktstr_create_request& request, void** self, Arena& arena) {
  return ask("create", arena, [&](ktstr_error* e) { return impl().create(&host, &request, self, e); });
}

void Bench::destroy(void* self) {
  call("destroy", [&] { impl().destroy(self); });
}

Instance Bench::make() {
  Arena arena;
  void* self = nullptr;
  const ktstr_create_request wanted = request(arena);
  const Answer answer = create(host(), wanted, &self, arena);
  if (answer.status == KTSTR_INVALID_ARGUMENT)
    skip("create: " + printable(answer.message) + "; --options gives it what it needs");
  need("create", answer);
  return {*this, self};
}

std::string use(Bench& bench, void* self, Arena& arena) {
  switch (kind_of_interface(bench.row().interface_id)) {
    case kOfGate: return use_gate(bench, self, arena);
    case kOfReporter: return use_reporter(bench, self, arena);
    case kOfStore: return use_store(bench, self, arena);
    case kOfBaseline: return use_baseline(bench, self, arena);
    default: return use_runner(bench, self, arena);
  }
}

}  // namespace ktstr
