// SPDX-License-Identifier: Apache-2.0
//
// Judged rows as reporters get them.
#pragma once
#include <string>
#include <vector>

#include "delta/judgement.hpp"
#include "delta/trend.hpp"
#include "report/reports.hpp"

namespace ktstr {

struct RowsRequest {
  double noisy_percent;                       ///< spread above which a row is marked
  const std::vector<std::string>& must_fail;  ///< metrics whose regression alone fails
  const Trends& trends;                       ///< what findings are shown beside
};
void report_rows(Reports& reports, const Gates& gates, const Judgement& judgement,
                 const RowsRequest& request);

}  // namespace ktstr
