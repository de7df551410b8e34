// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/math/policies/policy.hpp>

namespace ktstr::kit {

/// For Boost.Math where a verdict must have an answer for every input: no exception, and what cannot be
/// represented becomes 0, infinity or NaN. Doubles are not promoted: that would buy digits nobody needs with
/// a third of the speed.
using MathPolicy = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::pole_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<boost::math::policies::ignore_error>,
    boost::math::policies::rounding_error<boost::math::policies::ignore_error>,
    boost::math::policies::promote_double<false>>;

}  // namespace ktstr::kit
