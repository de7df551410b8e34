// SPDX-License-Identifier: Apache-2.0
#include "explore/finding.hpp"

#include "explore/seed_set.hpp"

namespace ktstr {

json::object finding_json(const Discovery& finding) {
  return {{"test", finding.test},
          {"kind", finding.kind},
          {"seed", finding.seed},
          {"from", finding.from ? json::value(*finding.from) : json::value()},
          {"count", finding.count},
          {"seeds", json::array(finding.seeds.begin(), finding.seeds.end())},
          {"message", finding.message},
          {"manifest", finding.file},
          {"bytes_before", finding.bytes_before},
          {"bytes", finding.bytes},
          {"tried", finding.tried},
          {"minimal", finding.minimal},
          {"worse_metrics", json::array(finding.worse_metrics.begin(), finding.worse_metrics.end())},
          {"moment",
           {{"state", finding.moment.state},
            {"averted_ms", finding.moment.averted_ms},
            {"inevitable_ms", finding.moment.inevitable_ms},
            {"as_found", finding.moment.as_found}}}};
}

Discovery read_finding(const Located& located) {
  const OpenObject object(located);
  const auto number = [&](std::string_view key) { return object.get(key).integer(0, kMostSeed); };
  Discovery finding;
  finding.test = object.get("test").text();
  finding.kind = object.get("kind").text();
  finding.seed = number("seed");
  if (const Located* from = object.find("from"); from != nullptr && !from->is_null())
    finding.from = from->integer(0, kMostSeed);
  finding.count = number("count");
  for (const Located& seed : object.get("seeds").items()) finding.seeds.push_back(seed.integer(0, kMostSeed));
  finding.message = object.get("message").text();
  finding.file = object.get("manifest").text();
  finding.bytes_before = number("bytes_before");
  finding.bytes = number("bytes");
  finding.tried = number("tried");
  finding.minimal = object.get("minimal").boolean();
  finding.worse_metrics = object.get("worse_metrics").texts();
  const OpenObject moment(object.get("moment"));
  finding.moment.state = moment.get("state").text();
  finding.moment.averted_ms = moment.get("averted_ms").integer(0, kMostSeed);
  finding.moment.inevitable_ms = moment.get("inevitable_ms").integer(0, kMostSeed);
  if (const Located* said = moment.find("as_found"); said != nullptr)
    finding.moment.as_found = said->boolean();
  return finding;
}

}  // namespace ktstr
