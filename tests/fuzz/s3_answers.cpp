// SPDX-License-Identifier: Apache-2.0
//
// What a server of S3 answers, what its objects are called, and profiles of the AWS tools.
#include <cstdint>
#include <cstdlib>
#include <ktstr/cpp/error.hpp>

#include "listing.hpp"
#include "location.hpp"
#include "profile.hpp"
#include "run_view.hpp"

namespace s3 = ktstr::s3_store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(s3::parse_server_error(text));
  static_cast<void>(s3::element_text(text, "AccessKeyId"));
  static_cast<void>(s3::parse_ini(text));
  const auto name = s3::parse_object_name(text);
  // A name is read as it was written.
  if (name && name->kind == s3::ObjectKind::kFile &&
      !s3::parse_object_name(s3::file_name(name->place, name->writer, name->number, name->name)))
    std::abort();
  try {
    static_cast<void>(s3::resolve_run(s3::parse_list_page(text).objects));
  } catch (const ktstr::sdk::Error&) {
  }
  try {
    static_cast<void>(s3::parse_url(text));
  } catch (const ktstr::sdk::Error&) {
  }
  return 0;
}
