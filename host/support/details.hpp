// SPDX-License-Identifier: Apache-2.0
//
// What ktstr is doing, for people who ask with -v or -vv: told from everywhere, heard by nobody until the
// command line says that somebody listens.
#pragma once
#include <string>

namespace ktstr {

enum class Detail {
  kStep,   ///< -v: what is done and why, a line or two for each
  kDebug,  ///< -vv: everything else
};

/// Who is told, and how much of it. Before other threads start.
void on_details(void (*tell)(Detail, const std::string& line), bool steps, bool debug);

/// False: nobody would hear it, so that nothing has to be put into words.
bool is_told(Detail detail);
void tell_detail(Detail detail, const std::string& line);
inline void tell_step(const std::string& line) { tell_detail(Detail::kStep, line); }
inline void tell_debug(const std::string& line) { tell_detail(Detail::kDebug, line); }

}  // namespace ktstr
