// SPDX-License-Identifier: Apache-2.0
//
// A process of ktstr's own that runs one plugin's code, as the process that asks it sees it.
#pragma once
#include <ktstr/abi/host.h>
#include <sys/types.h>

#include <functional>
#include <ktstr/kit/fd.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/isolation_frames.hpp"
#include "support/result.hpp"

namespace ktstr {

class IsolatedProcess {
 public:
  /// `what` names it in messages: "gate fdr". What the plugin logs goes to `host`, whose wish to stop it
  /// hears of; `host` outlives it.
  static Result<std::unique_ptr<IsolatedProcess>> start(const std::string& what, const ktstr_host* host);
  /// Ends it, with all that it has started.
  ~IsolatedProcess();
  IsolatedProcess(const IsolatedProcess&) = delete;
  IsolatedProcess& operator=(const IsolatedProcess&) = delete;

  /// What it says from now on is said of this one.
  void speak_for(const std::string& what, const ktstr_host* host);

  /// It is gone, and whoever asked it then knows why.
  bool is_over() const { return over_.has_value(); }

  /// Gets bytes of a report as they come.
  using Written = std::function<void(std::string_view bytes)>;
  /// The answer's bytes. An error: the process is gone, which is told with `function`, and so it stays. One
  /// call at a time.
  Result<std::string> ask(IsolatedRequest request, const char* function, std::string_view bytes,
                          const Written& written = {});

 private:
  IsolatedProcess(std::string what, const ktstr_host* host) : what_(std::move(what)), host_(host) {}
  int spawn();
  bool send_some(std::string_view& left);
  bool receive_some();
  std::optional<std::string> take_answer(const Written& written);
  void hear(IsolatedReply kind, std::string_view bytes, const Written& written) const;
  bool has_ended() const;
  Error gone(const char* function);
  Error give_up(const char* function, const std::string& why);
  void end();

  std::string what_;
  const ktstr_host* host_;
  pid_t process_ = -1;
  kit::Fd socket_, words_, pidfd_;
  std::string received_;
  bool told_to_stop_ = false;
  std::optional<Error> over_;  ///< why nothing is asked any more
};

}  // namespace ktstr
