// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <ktstr/sdk.hpp>

#include "fs_store.hpp"

namespace {

constexpr std::string_view kOptionsSchema = R"({
  "type": "object", "additionalProperties": false,
  "properties": {
    "root": {"type": "string", "format": "runs-root", "description": "absolute directory that holds the run directories; default: target/ktstr of the project, or of CARGO_TARGET_DIR"},
    "lock_timeout_s": {"type": "integer", "minimum": 0, "maximum": 3600, "default": 30, "description": "how long to wait for another writer of the same run"},
    "history": {"type": "object", "additionalProperties": false, "description": "put aside what a new invocation would clear",
      "properties": {"keep": {"type": "integer", "minimum": 0, "maximum": 1000000, "description": "entries kept for each run key; 0: none"}}},
    "sessions": {"type": "object", "additionalProperties": false, "description": "sessions of repeated runs, which --resume, --reuse-baseline and the noise history read",
      "properties": {"keep": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 20, "description": "newest sessions that stay when one ends"}}}
  }
})";

ktstr::fs_store::Options parse_options(ktstr::sdk::Host host, const ktstr::sdk::Creation& creation) {
  namespace json = boost::json;
  using ktstr::sdk::Error;
  ktstr::fs_store::Options options;
  options.cancelled = [host] { return host.cancelled(); };
  options.root = std::string(creation.archive_dir.empty() ? creation.runs_root : creation.archive_dir);
  options.directory = std::string(creation.override_dir);
  boost::system::error_code failure;
  const json::value parsed = json::parse({creation.options.data(), creation.options.size()}, failure);
  if (failure || !parsed.is_object())
    throw Error(KTSTR_INVALID_ARGUMENT, "store fs: options must be a JSON object");
  const auto kept = [](const json::key_value_pair& entry, std::int64_t least) {
    const json::object* object = entry.value().if_object();
    const json::value* keep =
        object != nullptr && object->size() == 1 ? object->if_contains("keep") : nullptr;
    const std::int64_t* count = keep != nullptr ? keep->if_int64() : nullptr;
    if (count == nullptr || *count < least || *count > 1'000'000) {
      throw Error(KTSTR_INVALID_ARGUMENT, "store fs: option \"" + std::string(entry.key()) +
                                              "\" must be {\"keep\": N} with N from " +
                                              std::to_string(least) + " to 1000000");
    }
    return static_cast<std::uint64_t>(*count);
  };
  for (const json::key_value_pair& entry : parsed.as_object()) {
    if (entry.key() == "root") continue;  // the host has made it the runs root
    if (entry.key() == "lock_timeout_s") {
      const std::int64_t* seconds = entry.value().if_int64();
      if (seconds == nullptr || *seconds < 0 || *seconds > 3600) {
        throw Error(KTSTR_INVALID_ARGUMENT,
                    "store fs: option \"lock_timeout_s\" must be an integer from 0 to 3600");
      }
      options.lock_patience = std::chrono::seconds(*seconds);
    } else if (entry.key() == "history") {
      options.history_keep = kept(entry, 0);
    } else if (entry.key() == "sessions") {
      options.sessions_keep = kept(entry, 1);
    } else {
      throw Error(KTSTR_INVALID_ARGUMENT, "store fs: unknown option \"" + std::string(entry.key()) + "\"",
                  "known options: root, lock_timeout_s, history, sessions");
    }
  }
  return options;
}

class Plugin : public ktstr::fs_store::FsStore {
 public:
  Plugin(ktstr::sdk::Host host, const ktstr::sdk::Creation& creation)
      : FsStore(parse_options(host, creation)) {}
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.sidecar-store", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             (ktstr::sdk::store_impl<Plugin, KTSTR_STORE_RUNS_ROOT | KTSTR_STORE_OVERRIDE_DIR |
                                                 KTSTR_STORE_ARCHIVE_DIR>(
                 "fs", "run directories on a local file system", kOptionsSchema)))
