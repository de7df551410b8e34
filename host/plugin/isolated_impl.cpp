// SPDX-License-Identifier: Apache-2.0
#include "plugin/isolated_impl.hpp"

#include <cstring>
#include <exception>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "plugin/wire.hpp"

namespace ktstr {
namespace {

/// What `self` leads to: the instance of the other process, and the tables through which it is called.
struct Isolated {
  std::unique_ptr<IsolatedProcess> process;
  std::string what;
  ktstr_impl impl{};
  ktstr_gate_v1 gate{};
  ktstr_reporter_v1 reporter{};
  const ktstr_writer* out = nullptr;  ///< of the report that has begun
};

void fill(ktstr_error& error, const Error& from) {
  error.code = KTSTR_INTERNAL;
  sdk::copy_sentence(error.message, from.message);
  sdk::copy_sentence(error.hint, from.hint);
}

/// What stands in front of each answer.
ktstr_status status_in(WireIn& answer, ktstr_error& error) {
  const auto status = answer.raw<ktstr_status>();
  const auto told = answer.raw<ktstr_error>();
  if (!answer.fine()) {
    fill(error, plugin_error("its process answered something that is no answer"));
    return KTSTR_INTERNAL;
  }
  if (status == KTSTR_OK) return status;
  error.code = told.code;
  std::memcpy(error.message, told.message, sizeof error.message);
  std::memcpy(error.hint, told.hint, sizeof error.hint);
  return status;
}

/// One call of the other process: its status, after `read` has taken what came with KTSTR_OK.
template <typename Read>
ktstr_status ask(Isolated& of, IsolatedRequest request, const char* function, WireOut wire,
                 ktstr_error& error, const Read& read) {
  ktstr_status writing = KTSTR_OK;
  const auto written = [&](std::string_view bytes) {
    if (writing == KTSTR_OK && of.out != nullptr)
      writing = of.out->write(of.out->ctx, bytes.data(), bytes.size());
  };
  const auto answer = of.process->ask(request, function, wire.take(), written);
  if (!answer) {
    fill(error, answer.error());
    return KTSTR_INTERNAL;
  }
  WireIn in(*answer);
  const ktstr_status status = status_in(in, error);
  if (status != KTSTR_OK) return status;
  if (writing != KTSTR_OK) {
    fill(error, plugin_error("what it wrote could not be written"));
    return writing;
  }
  read(in);
  if (in.fine()) return KTSTR_OK;
  fill(error, plugin_error("its process answered less than it was asked for"));
  return KTSTR_INTERNAL;
}

/// The body of a function of a table: no exception of ours gets into the proxy.
template <typename Body>
ktstr_status guarded(void* self, ktstr_error* error, const Body& body) noexcept {
  try {
    return body(*static_cast<Isolated*>(self));
  } catch (const std::exception& failure) {
    fill(*error, plugin_error(failure.what()));
    return KTSTR_INTERNAL;
  }
}

constexpr auto kNothing = [](WireIn&) {};

ktstr_status evaluate(void* self, const ktstr_comparison* const* in, ktstr_verdict* const* out,
                      std::uint64_t count, ktstr_error* error) noexcept {
  return guarded(self, error, [&](Isolated& of) {
    WireOut wire;
    wire.raw(count);
    for (std::uint64_t i = 0; i < count; ++i) wire.raw(*out[i]);
    for (std::uint64_t i = 0; i < count; ++i) put(wire, *in[i]);
    return ask(of, IsolatedRequest::kEvaluate, "evaluate", std::move(wire), *error, [&](WireIn& answer) {
      for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint32_t size = out[i]->size;
        *out[i] = answer.raw<ktstr_verdict>();
        out[i]->size = size;
      }
    });
  });
}

template <typename Struct>
ktstr_status report(void* self, IsolatedRequest request, const char* function, const Struct& told,
                    ktstr_error* error) noexcept {
  return guarded(self, error, [&](Isolated& of) {
    WireOut wire;
    put(wire, told);
    return ask(of, request, function, std::move(wire), *error, kNothing);
  });
}

ktstr_status begin(void* self, const ktstr_writer* out, const ktstr_report_begin* told,
                   ktstr_error* error) noexcept {
  static_cast<Isolated*>(self)->out = out;
  return report(self, IsolatedRequest::kBegin, "begin", *told, error);
}
ktstr_status rows(void* self, const ktstr_report_row* const* told, std::uint64_t count,
                  ktstr_error* error) noexcept {
  return report(self, IsolatedRequest::kRows, "rows", std::span(told, count), error);
}
ktstr_status end(void* self, const ktstr_report_end* told, ktstr_error* error) noexcept {
  const ktstr_status status = report(self, IsolatedRequest::kEnd, "end", *told, error);
  static_cast<Isolated*>(self)->out = nullptr;
  return status;
}

/// Nobody waits for the end of an instance any more: what goes wrong there is told, once.
void destroy(void* self) noexcept {
  const std::unique_ptr<Isolated> of(static_cast<Isolated*>(self));
  try {
    for (const auto& [request, function] :
         {std::pair{IsolatedRequest::kDestroy, "destroy"}, std::pair{IsolatedRequest::kUnload, "deinit"}}) {
      if (of->process->is_over()) return;
      const auto answer = of->process->ask(request, function, {});
      if (answer) continue;
      tell_of_plugin(named(answer.error(), of->what).message);
      return;
    }
  } catch (const std::exception&) {  // no memory for a message
    return;
  }
}

/// Exit codes that a failure to load may have; what the other process says is not believed blindly.
ExitCode exit_code_of(std::int32_t code) {
  for (const ExitCode known : {ExitCode::kUsage, ExitCode::kEnvironment}) {
    if (code == static_cast<std::int32_t>(known)) return known;
  }
  return ExitCode::kPlugin;
}

}  // namespace

bool can_be_isolated(std::string_view interface_id) {
  return interface_id == KTSTR_GATE_INTERFACE || interface_id == KTSTR_REPORTER_INTERFACE;
}

Result<std::unique_ptr<IsolatedImpl>> IsolatedImpl::load(const PluginSearch& search,
                                                         const std::string& interface_id,
                                                         const std::string& name, const std::string& what,
                                                         const ktstr_host* host) {
  auto process = IsolatedProcess::start(what, host);
  if (!process) return process.error();
  auto made = std::unique_ptr<IsolatedImpl>(new IsolatedImpl(interface_id, std::move(*process)));
  WireOut wire;
  put(wire, search);
  for (const std::string& text : {interface_id, name, what}) wire.text(text);
  const CurrentCall current(what, "load", CallPlace::kIsolated);
  const auto answer = made->process_->ask(IsolatedRequest::kLoad, "load", wire.take());
  if (!answer) return named(answer.error(), what);
  WireIn in(*answer);
  ktstr_error unused{};
  if (status_in(in, unused) != KTSTR_OK) {
    Error error{exit_code_of(in.raw<std::int32_t>()), "", ""};
    error.message = printable(in.text());
    error.hint = printable(in.text());
    return error;
  }
  made->tables_ = in.raw<Tables>();
  made->schema_ = in.text();
  made->sha256_ = in.text();
  if (in.fine()) return made;
  return plugin_error(what + ": its process answered less than it was asked for");
}

Result<std::unique_ptr<PluginInstance>> IsolatedImpl::make(const ktstr_host* host, const std::string& what,
                                                           const Creation& creation) && {
  KTSTR_ASSERT(process_ != nullptr);  // an instance is made of it once
  auto of = std::make_unique<Isolated>();
  process_->speak_for(what, host);
  of->process = std::move(process_);
  of->what = what;
  of->gate = {sizeof of->gate, tables_.capabilities, tables_.min_samples, 0, evaluate};
  of->reporter = {sizeof of->reporter, tables_.capabilities, tables_.documents, 0, begin, rows, end};
  of->impl.size = sizeof of->impl;
  of->impl.destroy = destroy;
  of->impl.interface_table = &of->reporter;
  if (interface_id_ == KTSTR_GATE_INTERFACE) of->impl.interface_table = &of->gate;
  WireOut wire;
  put(wire, request_of(creation));
  ktstr_error error{};
  error.size = sizeof error;
  ktstr_status status = KTSTR_OK;
  {
    const CurrentCall current(what, "create", CallPlace::kIsolated);
    status = ask(*of, IsolatedRequest::kCreate, "create", std::move(wire), error, kNothing);
  }
  if (status != KTSTR_OK) return error_of(status, error, what);
  const ktstr_impl* impl = &of->impl;
  return PluginInstance::adopt(impl, of.release(), what, creation, CallPlace::kIsolated);
}

void put(WireOut& out, const PluginSearch& search) {
  out.raw(static_cast<std::uint64_t>(search.places.size()));
  for (const PluginSearch::Place& place : search.places) {
    out.text(place.directory.string());
    out.text(place.origin);
    out.raw(place.installed);
  }
  out.raw(static_cast<std::uint64_t>(search.trusted_sha256.size()));
  for (const std::string& hash : search.trusted_sha256) out.text(hash);
  out.raw(static_cast<std::uint64_t>(search.once_trusted.size()));
  for (const std::string& file : search.once_trusted) out.text(file);
  out.raw(search.safe);
}

PluginSearch get_search(WireIn& in) {
  PluginSearch search;
  for (auto left = in.raw<std::uint64_t>(); left > 0 && in.fine(); --left) {
    PluginSearch::Place& place = search.places.emplace_back();
    place.directory = in.text();
    place.origin = in.text();
    place.installed = in.raw<bool>();
  }
  for (auto left = in.raw<std::uint64_t>(); left > 0 && in.fine(); --left)
    search.trusted_sha256.emplace_back(in.text());
  for (auto left = in.raw<std::uint64_t>(); left > 0 && in.fine(); --left)
    search.once_trusted.emplace(in.text());
  search.safe = in.raw<bool>();
  return search;
}

}  // namespace ktstr
