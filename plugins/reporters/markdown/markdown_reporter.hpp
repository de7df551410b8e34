// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "document/collected.hpp"

namespace ktstr::reporters {

extern const std::string kMarkdownOptionsSchema;

/// One sentence, a table of what is not fine, and the rest folded away: for a step summary or a comment.
class MarkdownReporter : public CollectingReporter {
 public:
  struct Options {
    bool comment = false;  ///< of a pull request: 64 KiB instead of 1 MiB
  };
  MarkdownReporter(sdk::Host host, const sdk::Creation& creation);

 protected:
  std::string text(const Collected& all) const override;

 private:
  Options options_;
};

}  // namespace ktstr::reporters
