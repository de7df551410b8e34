// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace ktstr {

/// A picture (SVG) of folded stacks, lines of "outer;inner 42": each function is as wide as what was executed
/// in it, and stands on the one that called it. What is narrower than a third of a pixel is left out. Lines
/// of another form are ignored.
std::string flame_graph(std::string_view folded, std::string_view title);

}  // namespace ktstr
