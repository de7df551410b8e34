// SPDX-License-Identifier: Apache-2.0
#include "support/result.hpp"

#include <ktstr/kit/text.hpp>

namespace ktstr {

Error to_error(const kit::Failure& failure, std::string hint, ExitCode code) {
  if (failure.kind == kit::Failure::Kind::kCancelled) code = ExitCode::kInterrupted;
  if (hint.empty()) hint = kit::hint_for(failure.error);
  return {code, failure.message(printable(failure.subject)), std::move(hint)};
}

}  // namespace ktstr
