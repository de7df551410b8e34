// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

namespace ktstr {

/// How many bytes a bzImage or vmlinux has at least, as its own header says; 0 when the header does not tell.
/// A file with fewer is cut off. Only the header is read, and nothing in it is trusted.
std::uint64_t size_by_header(std::string_view bytes);

/// The packed kernel inside a bzImage; empty when there is none.
std::string_view payload_of_bzimage(std::string_view bytes);

}  // namespace ktstr
