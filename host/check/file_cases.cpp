// SPDX-License-Identifier: Apache-2.0
//
// The file and what it says of itself.
#include <elf.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <ktstr/kit/text.hpp>

#include "check/bench.hpp"
#include "check/elf_file.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

ElfFile elf_of(Bench& bench) {
  auto file = read_elf(bench.subject().manifest.library_path());
  if (!file) fail(file.error().message);
  return *std::move(file);
}

void library(Bench& bench) {
  const ElfFile file = elf_of(bench);
  require(file.is_library, "it is no shared object");
#if defined(__x86_64__)
  require(file.machine == EM_X86_64, "it is of another machine than this x86_64");
#elif defined(__aarch64__)
  require(file.machine == EM_AARCH64, "it is of another machine than this aarch64");
#endif
}

void exports(Bench& bench) {
  bool entry = false;
  for (const ElfFile::Symbol& symbol : elf_of(bench).symbols) {
    if (!symbol.defined || symbol.unique) continue;
    if (symbol.name != "ktstr_plugin_entry_v1")
      fail("it also exports " + printable(symbol.name) +
           ": link it with a version script, as ktstr_add_plugin() does");
    entry = true;
  }
  require(entry, "it exports no ktstr_plugin_entry_v1");
}

void unique_symbols(Bench& bench) {
  for (const ElfFile::Symbol& symbol : elf_of(bench).symbols) {
    if (symbol.defined && symbol.unique)
      fail(printable(symbol.name) +
           " is STB_GNU_UNIQUE: all plugins would share it; hide it by a version script");
  }
}

void needed_libraries(Bench& bench) {
  for (const std::string& name : elf_of(bench).needed) {
    if (name.find('/') != std::string::npos)
      fail("it needs " + printable(name) + " by its path on the machine that built it");
  }
}

void search_path(Bench& bench) {
  for (const std::string& path : elf_of(bench).search_paths) {
    const bool own = path == "$ORIGIN" || path.starts_with("$ORIGIN/") || path.starts_with("${ORIGIN}");
    if (!own && !path.starts_with('/'))
      fail("its RUNPATH has \"" + printable(path) + "\", which depends on where ktstr is started");
    struct stat info {};
    if (!own && ::stat(path.c_str(), &info) == 0 && (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
      fail("others can write to " + printable(path) + " of its RUNPATH");
  }
}

void stack_and_text(Bench& bench) {
  const ElfFile file = elf_of(bench);
  require(!file.executable_stack, "it wants an executable stack, which the whole process would get");
  require(!file.text_relocations, "its code is relocated (DT_TEXTREL): build it with -fPIC");
}

void loads(Bench& bench) { bench.impl(); }

/// Fails when its constructors changed how floating point works, or something else.
void check_start_code(Bench& bench, bool floating_point) {
  bench.impl();
  for (const std::string& line : bench.news) {
    const bool floating = line.find("floating-point") != std::string::npos;
    if (line.find("its constructors") != std::string::npos && floating == floating_point) fail(line);
  }
}
void fast_math(Bench& bench) { check_start_code(bench, true); }
void start_code(Bench& bench) { check_start_code(bench, false); }

void entry(Bench& bench) {
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i)
    require(bench.library().entry_is_steady(), "its entry returns another table each time");
  require(std::chrono::steady_clock::now() - before < std::chrono::seconds(1),
          "its entry takes more than 100 ms: it may only return its table");
}

void id(Bench& bench) {
  const std::string& name = bench.subject().manifest.id;
  require(!name.starts_with("org.ktstr.") || bench.subject().installed,
          "ids that begin with org.ktstr. belong to plugins that come with ktstr");
}

void texts(Bench& bench) {
  const Manifest& manifest = bench.subject().manifest;
  for (const std::string* text : {&manifest.version, &manifest.vendor, &manifest.license})
    require(printable(*text) == *text,
            "version, vendor or license in the manifest is not one printable line");
  require(!manifest.license.empty(), "its manifest names no license");
  for (const ManifestRow& row : manifest.provides) {
    if (kind_of_interface(row.interface_id) == 0) continue;
    const bool plain = !row.name.empty() && std::all_of(row.name.begin(), row.name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (!plain) fail("the name \"" + printable(row.name) + "\" has more than [a-z0-9-]");
    if (row.summary.empty() || printable(row.summary) != row.summary)
      fail("the summary of " + row.name + " is not one printable line");
  }
}

constexpr std::string_view kTypes[] = {"object", "array", "string", "number", "integer", "boolean", "null"};

void check_type(const json::value& type, const std::string& at) {
  if (type.is_array()) {
    for (const json::value& one : type.get_array()) check_type(one, at);
    return;
  }
  const bool known = type.is_string() && std::find(std::begin(kTypes), std::end(kTypes),
                                                   std::string_view(type.get_string())) != std::end(kTypes);
  if (!known) fail(at + "\"type\" is none of JSON Schema's");
}

void check_schema(const json::value& schema, const std::string& at, int depth) {
  if (schema.is_bool()) return;
  if (!schema.is_object() || depth > 16) fail(at + "it is no schema");
  const json::object& rules = schema.get_object();
  if (const json::value* type = rules.if_contains("type")) check_type(*type, at);
  if (const json::value* values = rules.if_contains("enum"); values != nullptr && !values->is_array())
    fail(at + "\"enum\" is no array");
  const json::value* properties = rules.if_contains("properties");
  if (properties != nullptr && !properties->is_object()) fail(at + "\"properties\" is no object");
  if (properties != nullptr) {
    for (const auto& [key, rule] : properties->get_object())
      check_schema(rule, at + printable(std::string(key)) + ": ", depth + 1);
  }
  if (const json::value* items = rules.if_contains("items")) check_schema(*items, at + "items: ", depth + 1);
  const json::value* required = rules.if_contains("required");
  if (required == nullptr) return;
  if (!required->is_array()) fail(at + "\"required\" is no array");
  for (const json::value& key : required->get_array()) {
    if (!key.is_string() || properties == nullptr || !properties->get_object().contains(key.get_string()))
      fail(at + "\"required\" names what \"properties\" does not");
  }
}

void schema(Bench& bench) {
  const std::string text = text_of(bench.impl().options_schema);
  if (text.empty()) does_not_apply("it takes no options");
  const auto parsed = parse_json(text, "its option schema");
  if (!parsed) fail(parsed.error().message);
  if (!parsed->is_object()) fail("its option schema is no JSON object");
  check_schema(*parsed, "", 0);
}

constexpr CheckCase kCases[] = {
    {"library", kOfFile, "is a shared object of this machine", library},
    {"exports", kOfFile, "exports its entry and nothing else", exports, "library"},
    {"unique-symbols", kOfFile, "has no STB_GNU_UNIQUE symbol, which all plugins would share", unique_symbols,
     "library"},
    {"needed-libraries", kOfFile, "needs libraries by name, not by a path of its build machine",
     needed_libraries, "library"},
    {"search-path", kOfFile, "looks for libraries only where nobody else can write", search_path, "library"},
    {"stack-and-text", kOfFile, "wants neither an executable stack nor relocated code", stack_and_text,
     "library"},
    {"id", kOfFile, "has an id of its own, not one below org.ktstr.", id},
    {"texts", kOfFile, "names, summaries and licence are one printable line each", texts},
    {"loads", kOfFile, "loads with all symbols resolved; entry and manifest agree; init succeeds", loads,
     "library"},
    {"fast-math", kOfFile, "its start code leaves floating point alone (no -ffast-math)", fast_math, "loads"},
    {"start-code", kOfFile, "its start code changes nothing else of the process", start_code, "loads"},
    {"entry", kOfFile, "its entry returns the same table at once, every time", entry, "loads"},
    {"options-schema", kOfEvery, "its option schema is a JSON Schema", schema, "loads"},
};

}  // namespace

std::span<const CheckCase> file_cases() { return kCases; }

}  // namespace ktstr
