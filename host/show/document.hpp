// SPDX-License-Identifier: Apache-2.0
//
// What commands print with --json: each is a document, an object that says what it is and of which version.
// A new one is a row here, a schema beside the others (schema/), and whoever fills it.
#pragma once
#include <span>
#include <string_view>

#include "support/json.hpp"

namespace ktstr {

struct DocumentRow {
  std::string_view name;      ///< member "document"; its schema is share/ktstr/schema/NAME.schema.json
  std::string_view commands;  ///< words behind "ktstr", with what makes it this document: "test --list"
  std::string_view holds;     ///< the members, in short
  int version = 1;            ///< raised when a reader of the old one would go wrong
};

/// In the order of help.
std::span<const DocumentRow> documents();

/// {"schema_version", "document"} and behind them `members`. The table must have the name.
json::object document(std::string_view name, json::object members);

}  // namespace ktstr
