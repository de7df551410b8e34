// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <ktstr/kit/options.hpp>

namespace ktstr::slurm {
namespace {

const auto kOptions =
    kit::OptionTable<SlurmOptions>("runner slurm")
        .text("runner", &SlurmOptions::runner, "runner-name", "the runner that runs the tests on the nodes")
        .object("runner_options", &SlurmOptions::runner_options, {{"type", "object"}},
                "its options, with absolute paths")
        .path("shared_dir", &SlurmOptions::shared_dir,
              "directory that this machine and all nodes have under this path: tasks and results go through "
              "it; default: target/ktstr-farm of the project")
        .program("ktstr", &SlurmOptions::ktstr,
                 "ktstr on the nodes, a name or absolute path; default: the program that runs")
        .text("partition", &SlurmOptions::partition, "slurm-name", "sbatch --partition")
        .text("account", &SlurmOptions::account, "slurm-name", "sbatch --account")
        .text("constraint", &SlurmOptions::constraint, "slurm-name",
              "sbatch --constraint: features that a node needs, \"kvm\"")
        .texts("sbatch_args", &SlurmOptions::sbatch_args,
               "further arguments of sbatch, one each: [\"--qos=low\", \"--mem=8G\"]")
        .flag("exclusive", &SlurmOptions::exclusive,
              "a test has a node for itself; false: it shares one, by what sbatch_args ask for")
        .integer("time_limit_s", &SlurmOptions::time_limit, 0, 31 * 86400,
                 "seconds that Slurm lets one test have; 0: as the partition does")
        .choice("pin", &SlurmOptions::pin, "node pinning", {{"pair", Pin::kPair}, {"none", Pin::kNone}},
                "pair: both sides of a pair of repeated runs on one node; none: on any")
        .integer("poll_s", &SlurmOptions::poll, 1, 600, "seconds between looks at the queue and the results")
        .integer("result_wait_s", &SlurmOptions::result_wait, 0, 3600,
                 "seconds that the shared directory may take to show the result of a task that has ended")
        .integer("node_wait_s", &SlurmOptions::node_wait, 1, 7 * 86400,
                 "seconds that the second side of a pair waits for a node that is not available")
        .integer("controller_wait_s", &SlurmOptions::controller_wait, 1, 7 * 86400,
                 "seconds that a running job may be without an answer of Slurm's controller");

}  // namespace

const std::string kOptionsSchema = kOptions.schema();

SlurmOptions parse_options(std::string_view text) { return kOptions.read(text); }

}  // namespace ktstr::slurm
