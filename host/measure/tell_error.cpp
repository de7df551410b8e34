// SPDX-License-Identifier: Apache-2.0
#include "measure/tell_error.hpp"

#include <ktstr/kit/text.hpp>

namespace ktstr {

void warn_of(const AppContext& context, const std::string& what, const Error& error) {
  context.warn(what + error.message + (error.hint.empty() ? "" : " (" + error.hint + ")"));
}

void tell_error(const AppContext& context, const std::string& what, const Error& error) {
  context.explain("error: " + what + error.message);
  for (const std::string& line : kit::split(error.hint, '\n')) {
    if (!line.empty()) context.explain("       " + line);
  }
}

}  // namespace ktstr
