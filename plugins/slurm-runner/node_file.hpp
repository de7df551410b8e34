// SPDX-License-Identifier: Apache-2.0
//
// A file that a node left, of any size: never whole in memory.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <ktstr/kit/result.hpp>
#include <string_view>

namespace ktstr::slurm {

/// Hands the bytes of a regular file over piece by piece, at most `most`. One that is known to be larger is
/// refused before the first. `use` returns false when it wants no more.
kit::Done read_pieces(const std::filesystem::path& file, std::uint64_t most,
                      const std::function<bool(std::string_view)>& use);

}  // namespace ktstr::slurm
