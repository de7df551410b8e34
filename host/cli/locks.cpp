// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "measure/held_locks.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

ExitCode show_locks(const AppContext& context, bool as_json) {
  const std::vector<HeldLock> locks = held_locks(context);
  if (as_json) {
    json::array rows;
    for (const HeldLock& lock : locks)
      rows.push_back(json::object{{"what", lock.what}, {"path", lock.path}, {"holders", lock.holders}});
    return print_out(to_text(document("locks", {{"locks", std::move(rows)}})) + "\n");
  }
  if (locks.empty()) {
    context.inform("nobody holds a lock: no run is being written, and no guest of this machine is in use");
    return ExitCode::kFine;
  }
  std::vector<std::vector<std::string>> table{{"WHAT", "HELD BY", "LOCK"}};
  for (const HeldLock& lock : locks)
    table.push_back({lock.what, printable(lock.holders), printable(lock.path)});
  return print_out(text_table(table));
}

}  // namespace

void define_locks(CLI::App* command, CommandAction& chosen) {
  auto as_json = std::make_shared<bool>(false);
  add_json_flag(*command, *as_json);
  command->callback([as_json, &chosen] {
    chosen = [as_json](Session& session) {
      return with_application(session, {}, [&](const Config&, const AppContext& context) {
        return Result<ExitCode>(show_locks(context, *as_json));
      });
    };
  });
}

}  // namespace ktstr
