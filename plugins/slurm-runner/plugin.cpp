// SPDX-License-Identifier: Apache-2.0
#include <ktstr/sdk.hpp>

#include "slurm_runner.hpp"

// Whether tests run on a kernel that the host looks for cannot depend on an option, so there are two.
KTSTR_PLUGIN(
    "org.ktstr.slurm-runner", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
    (ktstr::sdk::runner_impl<ktstr::slurm::SlurmRunner, KTSTR_RUNNER_ELSEWHERE>(
        "slurm", "another runner's tests on the nodes of a Slurm cluster", ktstr::slurm::kOptionsSchema)),
    (ktstr::sdk::runner_impl<ktstr::slurm::SlurmRunner, KTSTR_RUNNER_ELSEWHERE | KTSTR_RUNNER_NO_KERNEL>(
        "slurm-host", "the same for a runner whose tests need no kernel of their own",
        ktstr::slurm::kOptionsSchema)))
