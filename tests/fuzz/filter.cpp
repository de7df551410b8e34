// SPDX-License-Identifier: Apache-2.0
//
// An expression of -E is refused with its place, or decides about every test.
#include "select/filter.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto filter = ktstr::Filter::parse(text, "-E");
  if (!filter) return 0;
  for (const ktstr::FilterSubject& subject :
       {ktstr::FilterSubject{"wake", "1n1l2c1t", "s", "PipeIo"}, ktstr::FilterSubject{}})
    static_cast<void>(filter->matches(subject));
  const auto again = ktstr::Filter::parse(filter->text(), "-E");
  if (!again || again->names() != filter->names()) std::abort();
  return 0;
}
