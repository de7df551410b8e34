// SPDX-License-Identifier: Apache-2.0
#include "plugin/isolated_child.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/fd.hpp>
#include <ktstr/kit/mutex.hpp>
#include <ktstr/kit/text.hpp>

#include "plugin/isolated_impl.hpp"
#include "plugin/isolation_frames.hpp"
#include "plugin/wire.hpp"
#include "support/output.hpp"

namespace ktstr {
namespace {

constexpr int kApart = 10;  // descriptors from here on are nobody's by habit
constexpr std::size_t kMostKept = 64 << 10;

class Child;
Child* only = nullptr;  // what callbacks without a context of ours speak through

class Child {
 public:
  Child(kit::Fd socket, const VariableLookup& variable, const std::atomic<bool>& cancelled)
      : socket_(std::move(socket)), variable_(variable), cancelled_(cancelled) {
    KTSTR_ASSERT(only == nullptr);
    only = this;
    writer_ = {sizeof writer_, 0, this, [](void* ctx, const void* data, std::uint64_t length) noexcept {
                 return static_cast<Child*>(ctx)->write(static_cast<const char*>(data), length);
               }};
  }
  ~Child() {
    catalogue_.reset();
    only = nullptr;
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Until nobody asks any more.
  void serve() {
    FrameHead head;
    std::string bytes;
    while (receive(&head, sizeof head)) {
      bytes.resize(head.length);
      if (!receive(bytes.data(), bytes.size())) return;
      WireIn in(bytes);
      answer(static_cast<IsolatedRequest>(head.kind), in);
    }
  }

  void say(IsolatedReply kind, std::string_view bytes) {
    const kit::Lock lock(mutex_);
    send(kind, bytes);
  }
  void say_line(std::int32_t level, const std::string& line) {
    WireOut wire;
    wire.raw(level);
    wire.text(without_secrets(line));
    say(IsolatedReply::kLog, wire.take());
  }

 private:
  bool receive(void* into, std::size_t count) {
    auto* at = static_cast<char*>(into);
    while (count > 0) {
      const ssize_t n = ::recv(socket_.get(), at, count, 0);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      at += n;
      count -= static_cast<std::size_t>(n);
    }
    return true;
  }
  void send(IsolatedReply kind, std::string_view bytes) KTSTR_REQUIRES(mutex_) {
    WireOut head;
    head.raw(FrameHead{static_cast<std::uint32_t>(kind), 0, bytes.size()});
    kit::write_all(socket_.get(), head.take() + std::string(bytes));
  }
  void flush() KTSTR_REQUIRES(mutex_) {
    if (!written_.empty()) send(IsolatedReply::kWritten, written_);
    written_.clear();
  }
  ktstr_status write(const char* data, std::uint64_t length) noexcept {
    try {
      const kit::Lock lock(mutex_);
      written_.append(data, length);
      if (written_.size() >= kMostKept) flush();
      return KTSTR_OK;
    } catch (...) {
      return KTSTR_INTERNAL;
    }
  }

  void answer(IsolatedRequest request, WireIn& in) {
    ktstr_error error{};
    error.size = sizeof error;
    WireOut more;
    const ktstr_status status = do_it(request, in, error, more);
    const auto conceal = [](auto& text) {
      text[sizeof text - 1] = '\0';
      const std::string told = without_secrets(text);
      std::snprintf(text, sizeof text, "%s", told.c_str());
    };
    conceal(error.message);
    conceal(error.hint);
    WireOut whole;
    whole.raw(status);
    whole.raw(error);
    const kit::Lock lock(mutex_);
    flush();
    send(IsolatedReply::kAnswer, whole.take() + more.take());
  }

  ktstr_status do_it(IsolatedRequest request, WireIn& in, ktstr_error& error, WireOut& more) {
    Received received;
    switch (request) {
      case IsolatedRequest::kLoad: return load(in, more);
      case IsolatedRequest::kCreate: return create(in, error);
      case IsolatedRequest::kDestroy: return destroy();
      case IsolatedRequest::kUnload: catalogue_.reset(); return KTSTR_OK;
      case IsolatedRequest::kEvaluate: return evaluate(in, error, more, received);
      case IsolatedRequest::kBegin: return begin(received.begin(in), error);
      case IsolatedRequest::kRows: return rows(in, error, received);
      case IsolatedRequest::kEnd: return end(received.end(in), error);
    }
    return KTSTR_UNSUPPORTED;
  }

  template <typename Body>
  auto call(const char* function, const Body& body) {
    const CurrentCall current(what_, function);
    return body();
  }
  const ktstr_reporter_v1& reporter() const {
    return *static_cast<const ktstr_reporter_v1*>(impl_->interface_table);
  }

  ktstr_status begin(const ktstr_report_begin* told, ktstr_error& error) {
    return call("begin", [&] { return reporter().begin(self_, &writer_, told, &error); });
  }
  ktstr_status rows(WireIn& in, ktstr_error& error, Received& received) {
    const std::vector<const ktstr_report_row*> told = received.rows(in);
    KTSTR_ASSERT(in.fine());  // ktstr itself has written it
    return call("rows", [&] { return reporter().rows(self_, told.data(), told.size(), &error); });
  }
  ktstr_status end(const ktstr_report_end* told, ktstr_error& error) {
    return call("end", [&] { return reporter().end(self_, told, &error); });
  }

  ktstr_status load(WireIn& in, WireOut& more) {
    PluginSearch search = get_search(in);
    search.variable = variable_;
    const std::string interface_id(in.text()), name(in.text());
    what_ = in.text();
    catalogue_ = std::make_unique<PluginCatalogue>(
        search,
        [](int level, const std::string& line) {
          if (only != nullptr) only->say_line(level, line);
        },
        cancelled_);
    const auto impl = catalogue_->load(interface_id, name);
    if (!impl) {
      more.raw(static_cast<std::int32_t>(impl.error().code));
      more.text(without_secrets(impl.error().message));
      more.text(without_secrets(impl.error().hint));
      return KTSTR_INTERNAL;
    }
    impl_ = *impl;
    const std::string id = *catalogue_->id_of(interface_id, name);  // it has been loaded
    host_ = *catalogue_->host_for(id, what_);
    host_.log = [](const ktstr_host*, std::int32_t level, ktstr_str line) noexcept {
      try {
        if (only != nullptr) only->say_line(level, owned(line));
      } catch (...) {  // a line is lost
        return;
      }
    };
    put_tables(interface_id, more);
    more.text(impl_->options_schema);
    more.text(catalogue_->loaded(id)->sha256());
    return KTSTR_OK;
  }
  void put_tables(const std::string& interface_id, WireOut& more) const {
    const bool is_gate = interface_id == KTSTR_GATE_INTERFACE;
    const auto* gate = static_cast<const ktstr_gate_v1*>(impl_->interface_table);
    more.raw(is_gate ? gate->capabilities : reporter().capabilities);
    more.raw(is_gate ? gate->min_samples : 0U);
    more.raw(is_gate ? 0U : reporter().documents);
  }

  ktstr_status create(WireIn& in, ktstr_error& error) {
    const ktstr_create_request request = Received::create_request(in);
    return call("create", [&] { return impl_->create(&host_, &request, &self_, &error); });
  }
  ktstr_status destroy() {
    call("destroy", [&] { impl_->destroy(self_); });
    self_ = nullptr;
    return KTSTR_OK;
  }

  ktstr_status evaluate(WireIn& in, ktstr_error& error, WireOut& more, Received& received) {
    const auto count = in.raw<std::uint64_t>();
    std::vector<ktstr_verdict> verdicts;
    std::vector<const ktstr_comparison*> comparisons;
    for (std::uint64_t i = 0; i < count; ++i) verdicts.push_back(in.raw<ktstr_verdict>());
    for (std::uint64_t i = 0; i < count; ++i) comparisons.push_back(received.comparison(in));
    KTSTR_ASSERT(in.fine());  // ktstr itself has written it
    std::vector<ktstr_verdict*> out;
    for (ktstr_verdict& verdict : verdicts) out.push_back(&verdict);
    const auto* table = static_cast<const ktstr_gate_v1*>(impl_->interface_table);
    const ktstr_status status = call(
        "evaluate", [&] { return table->evaluate(self_, comparisons.data(), out.data(), count, &error); });
    for (const ktstr_verdict& verdict : verdicts) more.raw(verdict);
    return status;
  }

  kit::Fd socket_;
  const VariableLookup& variable_;
  const std::atomic<bool>& cancelled_;
  std::unique_ptr<PluginCatalogue> catalogue_;
  const ktstr_impl* impl_ = nullptr;
  void* self_ = nullptr;
  std::string what_;
  ktstr_host host_{};
  ktstr_writer writer_{};
  kit::Mutex mutex_;
  std::string written_ KTSTR_GUARDED_BY(mutex_);
};

}  // namespace

Status serve_isolated(const VariableLookup& variable, const std::atomic<bool>& cancelled) {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
    return usage_error("this is what ktstr starts for a plugin that runs isolated",
                       "say \"isolate\": true of a plugin in ktstr.json");
  }
  kit::Fd socket(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, kApart));
  const kit::Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!socket.open() || ::dup2(nothing.get(), STDIN_FILENO) < 0)
    return environment_error("the process of an isolated plugin lacks descriptors");
  leave_last_words(output_descriptor());
  // Who waits for this process looks at the clock.
  set_call_limits({std::chrono::hours(24 * 365), std::chrono::seconds(0)});
  Child child(std::move(socket), variable, cancelled);
  on_plugin_news([](const std::string& line) {
    WireOut wire;
    wire.text(without_secrets(line));
    if (only != nullptr) only->say(IsolatedReply::kNews, wire.take());
  });
  child.serve();
  return Ok{};
}

}  // namespace ktstr
