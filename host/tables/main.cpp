// SPDX-License-Identifier: Apache-2.0
//
// ktstr-tables NAME prints what is made from the host's tables; without a name, the names. The build writes
// schemas with it, and a test holds the tables in docs against it.
#include <ktstr/kit/table_program.hpp>

#include "support/exit_code.hpp"
#include "support/json.hpp"
#include "tables/config_schema.hpp"
#include "tables/metric_table.hpp"
#include "tables/run_manifest_schema.hpp"
#include "tables/sidecar_schema.hpp"

namespace {

std::string exit_codes() {
  std::string out = "| code | meaning |\n|---|---|\n";
  for (const ktstr::ExitCodeRow& row : ktstr::kExitCodes)
    out += "| " + std::to_string(static_cast<int>(row.code)) + " | " + std::string(row.when) + " |\n";
  return out;
}

constexpr ktstr::kit::MadeText kMade[] = {
    {"ktstr.schema.json", [] { return ktstr::to_text(ktstr::config_schema()) + "\n"; }},
    {"run-manifest.schema.json", [] { return ktstr::to_text(ktstr::run_manifest_schema()) + "\n"; }},
    {"sidecar.schema.json", [] { return ktstr::to_text(ktstr::sidecar_schema()) + "\n"; }},
    {"config-keys", ktstr::config_key_table},
    {"config-plugins", ktstr::config_plugin_table},
    {"config-metrics", ktstr::config_metric_table},
    {"config-examples", ktstr::config_examples},
    {"sidecar-fields", ktstr::sidecar_field_table},
    {"metrics", ktstr::metric_table},
    {"exit-codes", exit_codes},
};

}  // namespace

int main(int argc, char** argv) { return ktstr::kit::run_table_program("ktstr-tables", kMade, argc, argv); }
