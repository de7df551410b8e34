// SPDX-License-Identifier: Apache-2.0
#include "check/check.hpp"

#include <algorithm>
#include <deque>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "check/run_case.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace {

/// `wanted` and what they need.
Result<std::set<std::string_view>> chosen_cases(const std::vector<std::string>& wanted) {
  std::set<std::string_view> chosen;
  std::vector<std::string> known;
  for (const CheckCase& one : check_cases()) known.emplace_back(one.name);
  const auto find = [](std::string_view name) {
    return std::find_if(check_cases().begin(), check_cases().end(),
                        [&](const CheckCase& one) { return one.name == name; });
  };
  for (const std::string& name : wanted) {
    auto at = find(name);
    if (at == check_cases().end())
      return usage_error("there is no case \"" + printable(name) + "\"" + suggestion(name, known),
                         "ktstr plugin check --list shows all");
    for (; at != check_cases().end(); at = find(at->needs)) chosen.insert(at->name);
  }
  return chosen;
}

class Checking {
 public:
  Checking(const CheckSubject& subject, const CheckWish& wish, const std::atomic<bool>& cancelled)
      : subject_(subject), wish_(wish), cancelled_(cancelled) {}

  Status all(const std::set<std::string_view>& chosen) {
    if (const Status done = group(chosen, nullptr, kOfFile); !done) return done;
    for (const ManifestRow& row : subject_.manifest.provides) {
      const unsigned kind = kind_of_interface(row.interface_id);
      const bool named = wish_.names.empty() ||
                         std::find(wish_.names.begin(), wish_.names.end(), row.name) != wish_.names.end();
      if (kind == 0 || !named) continue;
      if (const Status done = group(chosen, &row, kind); !done) return done;
    }
    return Ok{};
  }
  std::vector<CheckResult> take() { return std::move(results_); }

 private:
  struct Going {
    std::size_t result;
    RunningCase process;
  };

  Status group(const std::set<std::string_view>& chosen, const ManifestRow* row, unsigned kind) {
    const std::string who =
        row == nullptr ? "plugin " + subject_.manifest.id : kind_of(row->interface_id) + " " + row->name;
    for (const CheckCase& one : check_cases()) {
      if ((one.kinds & kind) == 0 || (!chosen.empty() && !chosen.contains(one.name))) continue;
      if (cancelled_) return Error{ExitCode::kInterrupted, "interrupted", ""};
      const std::size_t at = results_.size();
      results_.push_back({&one, printable(who), {}});
      if (const std::string without = missing(one, who); !without.empty()) {
        results_[at].end = {CaseState::kSkipped, without + " did not pass"};
        continue;
      }
      auto process = RunningCase::start(one, subject_, row, wish_.deadline);
      if (!process) return process.error();
      going_.push_back({at, std::move(*process)});
      if (going_.size() >= wish_.jobs) finish_one();
    }
    while (!going_.empty()) finish_one();
    return Ok{};
  }
  /// Which case did not pass that `one` needs, of the same implementation or of the plugin; empty: none.
  std::string missing(const CheckCase& one, const std::string& who) {
    if (one.needs.empty()) return {};
    for (;;) {
      const auto going = std::any_of(going_.begin(), going_.end(), [&](const Going& other) {
        return results_[other.result].of->name == one.needs;
      });
      if (!going) break;
      finish_one();
    }
    for (auto at = results_.rbegin(); at != results_.rend(); ++at) {
      if (at->of->name != one.needs || (at->of->kinds != kOfFile && at->subject != printable(who))) continue;
      return at->end.state == CaseState::kPassed ? "" : std::string(one.needs);
    }
    return std::string(one.needs);
  }
  void finish_one() {
    KTSTR_ASSERT(!going_.empty());
    results_[going_.front().result].end = going_.front().process.finish();
    going_.pop_front();
  }

  const CheckSubject& subject_;
  const CheckWish& wish_;
  const std::atomic<bool>& cancelled_;
  std::vector<CheckResult> results_;
  std::deque<Going> going_;
};

}  // namespace

Result<Manifest> manifest_of_file(const std::filesystem::path& file) {
  const auto parse = [](const std::filesystem::path& at) -> Result<Manifest> {
    const auto text = read_file(at, 1 << 20);
    if (!text) return text.error();
    return parse_manifest(*text, at);
  };
  std::error_code error;
  const auto whole = std::filesystem::absolute(file, error).lexically_normal();
  if (whole.filename().string().ends_with(kManifestSuffix)) return parse(whole);
  if (!std::filesystem::is_regular_file(whole, error))
    return usage_error("there is no plugin " + printable(file.string()), "name its library or its manifest");
  for (std::filesystem::directory_iterator it(whole.parent_path(), error), end; !error && it != end;
       it.increment(error)) {
    if (!it->path().filename().string().ends_with(kManifestSuffix)) continue;
    auto manifest = parse(it->path());
    if (manifest && manifest->library == whole.filename()) return manifest;
  }
  return usage_error("no manifest beside " + printable(file.string()) + " names it",
                     "write NAME" + std::string(kManifestSuffix) + ", as ktstr_add_plugin() does");
}

Result<std::vector<CheckResult>> check_plugin(const CheckSubject& subject, const CheckWish& wish,
                                              const std::atomic<bool>& cancelled) {
  const auto chosen = chosen_cases(wish.cases);
  if (!chosen) return chosen.error();
  Checking checking(subject, wish, cancelled);
  if (const Status done = checking.all(*chosen); !done) return done.error();
  return checking.take();
}

}  // namespace ktstr
