// SPDX-License-Identifier: Apache-2.0
#include "explore/sides.hpp"

#include <ktstr/kit/text.hpp>

#include "measure/execution.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {

Result<std::unique_ptr<Sides>> Sides::make(const AppContext& context, BaselinePort& baseline,
                                           RunnerPort& runner, const Tree& tree, const ResolvedBaseline& base,
                                           const Kernel& kernel) {
  std::error_code unresolved;
  const std::string project =
      std::filesystem::weakly_canonical(context.config.project_dir, unresolved).string();
  auto workplace = Workplace::open(context.environment.tmpdir, project);
  if (!workplace) return workplace.error();
  std::unique_ptr<Sides> made(new Sides(std::move(*workplace)));
  made->sides_[0].spec = {"HEAD",     "head", tree.commit, commit_label(tree.label, tree.dirty),
                          tree.dirty, {},     {},          {}};
  made->sides_[1].spec = {"baseline", "base", base.commit, base.label, false, {}, {}, {}};
  const std::string session = session_token(context.environment.run_epoch);
  for (Checkout& side : made->sides_) {
    if (const Status shown = made->workplace_.show(side.spec.prefix); !shown) return shown.error();
    const auto& place = made->workplace_.tree();
    if (const Status out = check_out(context, baseline, place, tree.subdirectory, side); !out)
      return out.error();
    if (const Status found = find_tests(context, runner, Filter(), side); !found) return found.error();
    const SideVariables variables = side_variables(context.environment, place, side.project_dir);
    if (const Status built = build(context, kernel, side, variables, session); !built) return built.error();
    if (context.cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
  }
  return made;
}

}  // namespace ktstr
