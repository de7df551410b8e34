// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/math/policies/policy.hpp>

namespace ktstr::fdr {

/// A verdict has an answer for every input: no exception, and what cannot be represented becomes 0, infinity or NaN. Doubles are
/// not promoted: that would buy digits nobody needs with a third of the speed.
namespace policies = boost::math::policies;
using Policy =
    policies::policy<policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
                     policies::overflow_error<policies::ignore_error>, policies::evaluation_error<policies::ignore_error>,
                     policies::rounding_error<policies::ignore_error>, policies::promote_double<false>>;

}  // namespace ktstr::fdr
