// SPDX-License-Identifier: Apache-2.0
#include "request.hpp"

#include <ktstr/kit/json_reader.hpp>

namespace ktstr::slurm {

FarmRequest parse_request(std::string_view text) {
  const std::string document = "request to the runner";
  json::value parsed = kit::read_json(text, document, kit::for_people());
  if (!parsed.is_object()) wrong(document, "an object", parsed);
  FarmRequest request;
  {
    const OpenObject object({&parsed, document}, true);
    request.project_dir = object.text("project_dir");
    if (const Located* found = object.find("manifests")) request.manifests = found->texts().size();
    if (const Located* found = object.find("tests")) request.tests = found->texts();
    if (const Located* found = object.find("jobs")) request.jobs = found->integer(0, 4096);
    if (const Located* found = object.find("nodes")) {
      for (const auto& [test, node] : found->members()) request.nodes.emplace(test, node.text(256));
    }
  }
  request.whole = std::move(parsed.get_object());
  return request;
}

json::object request_for_tasks(const FarmRequest& request, const std::vector<std::string>& tests) {
  json::object object = request.whole;
  object.erase("nodes");
  object["jobs"] = 1;
  object["tests"] = json::array(tests.begin(), tests.end());
  return object;
}

}  // namespace ktstr::slurm
