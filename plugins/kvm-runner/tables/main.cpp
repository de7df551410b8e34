// SPDX-License-Identifier: Apache-2.0
//
// ktstr-kvm-tables NAME prints what is made from the plugin's tables; without a name, the names. The schema
// of manifests is made of the document that is read from stdin. The build writes the schema with it, and a
// test holds the tables in docs against it.
#include <boost/json.hpp>
#include <iostream>
#include <iterator>
#include <ktstr/kit/json.hpp>
#include <ktstr/kit/table_program.hpp>
#include <string>

#include "tables/doc_tables.hpp"
#include "tables/manifest_schema.hpp"

namespace {

std::string schema() {
  const std::string base(std::istreambuf_iterator<char>(std::cin), {});
  return ktstr::kit::to_text(ktstr::kvm::manifest_schema(boost::json::parse(base).as_object())) + "\n";
}

constexpr ktstr::kit::MadeText kMade[] = {
    {"test-manifest.schema.json", schema},
    {"work-types", ktstr::kvm::work_type_table},
    {"work-parameters", ktstr::kvm::work_parameter_table},
    {"sequence-actions", ktstr::kvm::action_table},
    {"operations", ktstr::kvm::operation_table},
    {"cgroup-attributes", ktstr::kvm::cgroup_attribute_table},
    {"worker-attributes", ktstr::kvm::worker_attribute_table},
    {"canned-scenarios", ktstr::kvm::canned_scenario_table},
    {"topology-presets", ktstr::kvm::topology_preset_table},
    {"assertions", ktstr::kvm::assertion_table},
    {"expectations", ktstr::kvm::expectation_table},
    {"expectation-members", ktstr::kvm::expectation_field_table},
    {"series", ktstr::kvm::series_table},
};

}  // namespace

int main(int argc, char** argv) {
  return ktstr::kit::run_table_program("ktstr-kvm-tables", kMade, argc, argv);
}
