// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "delta/matrix.hpp"

namespace ktstr {

/// A table for each test: metrics by kernels, steps under the values, and why cells have none beneath.
std::string matrix_text(const MatrixOutcome& outcome, std::size_t width);
/// The same for a page: steps in the cells.
std::string matrix_markdown(const MatrixOutcome& outcome);
/// All of it (matrix.schema.json).
json::object matrix_json(const MatrixOutcome& outcome, const MatrixRequest& request);

}  // namespace ktstr
