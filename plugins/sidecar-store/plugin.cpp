// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/sdk.hpp>

#include "fs_store.hpp"

namespace {

namespace kit = ktstr::kit;
using ktstr::fs_store::Options;

constexpr std::uint64_t kMostKept = 1'000'000;

const auto kOptions =
    kit::OptionTable<Options>("store fs")
        .path(
            "root", [](Options&, const std::string&) {},  // the host has made it the runs root
            "absolute directory that holds the run directories; default: target/ktstr of the project, or of "
            "CARGO_TARGET_DIR",
            "runs-root")
        .integer("lock_timeout_s", &Options::lock_patience, 0, 3600,
                 "how long to wait for another writer of the same run")
        .group("history", "put aside what a new invocation would clear",
               kit::OptionTable<Options>().integer("keep", &Options::history_keep, 0, kMostKept,
                                                   "entries kept for each run key; 0: none"))
        .group("sessions",
               "sessions of repeated runs, which --resume, --reuse-baseline and the noise history read",
               kit::OptionTable<Options>().integer("keep", &Options::sessions_keep, 1, kMostKept,
                                                   "newest sessions that stay when one ends"));
const std::string kOptionsSchema = kOptions.schema();

Options options_of(ktstr::sdk::Host host, const ktstr::sdk::Creation& creation) {
  Options options = kit::refusing_mistakes([&] { return kOptions.read(creation.options); });
  options.cancelled = [host] { return host.cancelled(); };
  options.root = std::string(creation.archive_dir.empty() ? creation.runs_root : creation.archive_dir);
  options.directory = std::string(creation.override_dir);
  return options;
}

class Plugin : public ktstr::fs_store::FsStore {
 public:
  Plugin(ktstr::sdk::Host host, const ktstr::sdk::Creation& creation) : FsStore(options_of(host, creation)) {}
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.sidecar-store", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             (ktstr::sdk::store_impl<Plugin, KTSTR_STORE_RUNS_ROOT | KTSTR_STORE_OVERRIDE_DIR |
                                                 KTSTR_STORE_ARCHIVE_DIR>(
                 "fs", "run directories on a local file system", kOptionsSchema)))
