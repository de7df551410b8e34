// SPDX-License-Identifier: Apache-2.0
//
// The runners `slurm` and `slurm-host`: another runner's tests, each a task of a job array.
#pragma once
#include <atomic>
#include <ktstr/cpp/host.hpp>
#include <ktstr/cpp/runner.hpp>

#include "options.hpp"

namespace ktstr::slurm {

class SlurmRunner : public sdk::Runner {
 public:
  SlurmRunner(sdk::Host host, const sdk::Creation& creation);

  void probe(std::string_view request, const sdk::Writer& out) override;
  void discover(std::string_view request, const sdk::TestVisitor& visit) override;
  void run(std::string_view request, const sdk::RunEvents& events) override;
  void interrupt() noexcept override { interrupted_ = true; }

 private:
  bool stopped() const { return interrupted_ || host_.cancelled(); }

  sdk::Host host_;
  SlurmOptions options_;
  std::filesystem::path shared_;
  std::atomic<bool> interrupted_{false};
};

}  // namespace ktstr::slurm
