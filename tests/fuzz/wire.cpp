// SPDX-License-Identifier: Apache-2.0
//
// What the process of an isolated plugin says, which may be anything; in both directions the same reader.
#include "plugin/wire.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

/// What was read whole is written as it was: nothing points to where nothing is.
void read_row(std::string_view bytes) {
  ktstr::WireIn in(bytes);
  ktstr::Received received;
  const ktstr_report_row* row = received.row(in);
  if (!in.fine() || row->opinion_count > bytes.size()) return;
  const ktstr_comparison* c = row->comparison;
  const auto whole = [](const ktstr_samples* s) {
    return s->count == 0 || (s->values != nullptr && s->blocks != nullptr && s->seeds != nullptr);
  };
  if (c != nullptr && (!whole(c->baseline) || !whole(c->head))) return;
  ktstr::WireOut out;
  put(out, *row);
  if (out.take().size() > bytes.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_row(bytes);
  ktstr::Received received;
  ktstr::WireIn begin(bytes), rows(bytes), end(bytes), request(bytes);
  received.rows(rows);
  received.begin(begin);
  received.end(end);
  ktstr::Received::create_request(request);
  return 0;
}
