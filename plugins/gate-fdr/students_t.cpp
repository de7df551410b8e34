// SPDX-License-Identifier: Apache-2.0
#include "students_t.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "policy.hpp"

namespace ktstr::fdr {
namespace {

using StudentsT = boost::math::students_t_distribution<double, Policy>;

}  // namespace

double upper_tail(double df, double t) {
  if (std::isinf(t)) return t > 0 ? 0 : 1;
  return boost::math::cdf(boost::math::complement(StudentsT(df), t));
}

double critical(double df, double tail) { return boost::math::quantile(boost::math::complement(StudentsT(df), tail)); }

}  // namespace ktstr::fdr
