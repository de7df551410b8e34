// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "document/collected.hpp"

namespace ktstr::reporters {

extern const std::string kTapOptionsSchema;
extern const std::string kKtapOptionsSchema;

/// What TAP and the kernel's own KTAP share: a numbered line for each result, of a test run as it comes.
class TapLines : public CollectingReporter {
 protected:
  enum class Dialect { kTap13, kTap14, kKtap };
  TapLines(const sdk::Creation& creation, Dialect dialect)
      : CollectingReporter(creation), dialect_(dialect) {}
  void started(const sdk::Writer& out, const Collected& all) override;
  void added(const sdk::Writer& out, const Collected& all) override;
  std::string text(const Collected& all) const override;

 private:
  struct Line {
    bool good = false;
    std::string name;
    std::string directive;  ///< "SKIP"
    std::string text;       ///< why; its first line stands beside a directive
    std::string severity;   ///< of what is not good
  };
  static Line line_of(const TestResult& test);
  static Line line_of(const Change& change, bool failed);
  std::string header(std::size_t plan) const;
  std::string shown(const Line& line, std::size_t number) const;
  std::string ktap(const Line& line, std::size_t number) const;
  std::string delta(const Collected& all) const;
  std::string ending(const Collected& all, std::size_t good, std::size_t skipped, std::size_t bad) const;

  Dialect dialect_;
};

/// Test Anything Protocol 13 or 14.
class TapReporter : public TapLines {
 public:
  struct Options {
    bool fourteen = false;
  };
  TapReporter(sdk::Host host, const sdk::Creation& creation);
};

class KtapReporter : public TapLines {
 public:
  KtapReporter(sdk::Host host, const sdk::Creation& creation);
};

}  // namespace ktstr::reporters
