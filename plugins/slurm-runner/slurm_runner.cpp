// SPDX-License-Identifier: Apache-2.0
#include "slurm_runner.hpp"

#include <ktstr/kit/directories.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/kit/text.hpp>

#include "inner_runner.hpp"
#include "invocation.hpp"
#include "request.hpp"
#include "slurm_tools.hpp"

namespace ktstr::slurm {
namespace {

json::object check_row(std::string_view name, bool fine, std::string_view found, std::string_view fix) {
  return {{"name", name}, {"state", fine ? "ok" : "fail"}, {"found", found}, {"fix", fine ? "" : fix}};
}

/// What `look` finds, or what it throws.
template <typename Look>
json::object check(std::string_view name, Look&& look) {
  try {
    return check_row(name, true, look(), "");
  } catch (const sdk::Error& error) {
    return check_row(name, false, error.message(), error.hint());
  }
}

}  // namespace

SlurmRunner::SlurmRunner(sdk::Host host, const sdk::Creation& creation)
    : host_(host),
      options_(kit::refusing_mistakes([&] { return parse_options(creation.options); })),
      shared_(options_.shared_dir.empty()
                  ? std::filesystem::path(creation.project_dir) / "target" / "ktstr-farm"
                  : options_.shared_dir) {}

void SlurmRunner::probe(std::string_view, const sdk::Writer& out) {
  const SlurmTools slurm([this] { return stopped(); });
  json::array checks;
  checks.push_back(check("Slurm's tools", [&] { return slurm.version(); }));
  checks.push_back(check("Slurm's nodes", [&] {
    const std::vector<std::string> lines = slurm.partitions(options_.partition);
    if (lines.empty())
      throw sdk::Error(KTSTR_UNAVAILABLE, "there is no partition " + options_.partition, "sinfo lists them");
    return "partition, nodes, state: " + kit::join(lines, "; ");
  }));
  checks.push_back(check("shared directory", [&] {
    if (const auto made = kit::make_directories(shared_); !made)
      throw sdk::Error(KTSTR_IO, made.error().message(),
                       "\"shared_dir\" of the runner's options names another");
    return shared_.string() + "; that the nodes have it too is seen by the first test";
  }));
  checks.push_back(
      check("ktstr of the nodes", [&] { return ktstr_program(options_) + ", runner " + options_.runner; }));
  out.write(to_text(json::value{{"checks", std::move(checks)}}));
}

void SlurmRunner::discover(std::string_view text, const sdk::TestVisitor& visit) {
  const FarmRequest request = kit::refusing_mistakes([&] { return parse_request(text); });
  for (const sdk::TestEntry& test : discover_tests(options_, request, [this] { return stopped(); }))
    visit(test);
}

void SlurmRunner::run(std::string_view text, const sdk::RunEvents& events) {
  interrupted_ = false;
  const FarmRequest request = kit::refusing_mistakes([&] { return parse_request(text); });
  const std::function<bool()> stopped = [this] { return this->stopped(); };
  if (stopped()) throw sdk::Error(KTSTR_CANCELLED, "interrupted");
  std::vector<std::string> tests = request.tests;
  if (tests.empty()) {
    for (const sdk::TestEntry& test : discover_tests(options_, request, stopped)) tests.push_back(test.name);
  }
  if (tests.empty()) return;
  Invocation(options_, shared_, request, tests, host_, events, stopped).run();
}

}  // namespace ktstr::slurm
