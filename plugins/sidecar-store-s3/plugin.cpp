// SPDX-License-Identifier: Apache-2.0
#include <ktstr/abi/environment.h>

#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/sdk.hpp>

#include "s3_store.hpp"

namespace {

namespace kit = ktstr::kit;
namespace sdk = ktstr::sdk;
using ktstr::s3_store::Options;
using ktstr::s3_store::PathStyle;

constexpr std::uint64_t kMostCacheMib = 1 << 20;
constexpr std::uint64_t kMostKept = 1'000'000;
constexpr std::string_view kUsersChoice = "users-choice";  // no project may say it

void read_http(Options& options, const std::string& text) {
  if (text != "loopback" && text != "any")
    throw kit::Mistake("store s3: option \"http\": expected \"loopback\" or \"any\"");
  options.allow_http = text == "any";
}

const auto kOptions =
    kit::OptionTable<Options>("store s3")
        .text("url", &Options::url, "uri", "s3://BUCKET or s3://BUCKET/PREFIX, where the runs are kept")
        .text("region", &Options::region, "region",
              "the bucket's; default: AWS_REGION, the profile's, us-east-1")
        .text("endpoint", &Options::endpoint, kUsersChoice,
              "URL of a server that is not Amazon's; default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the "
              "profile's")
        .choice("path_style", &Options::path_style, "path style",
                {{"auto", PathStyle::kAuto}, {"always", PathStyle::kAlways}, {"never", PathStyle::kNever}},
                "whether the bucket stands in the path, not in the host's name; auto: with an endpoint, and "
                "where "
                "the bucket's name has a dot")
        .text("http", read_http, kUsersChoice,
              "where requests may go unencrypted: \"loopback\", or \"any\" machine")
        .integer("attempts", &Options::attempts, 1, 20, "how often a request is tried")
        .integer("timeout_s", &Options::patience, 1, 3600, "how long a server may say nothing")
        .integer("cache_mib", &Options::cache_mib, 0, kMostCacheMib,
                 "of what was read, kept in ktstr's cache; 0: nothing")
        .group("sessions", "sessions of repeated runs",
               kit::OptionTable<Options>().integer(
                   "keep", &Options::sessions_keep, 0, kMostKept,
                   "newest sessions that stay when one ends; 0: all, since others "
                   "may use the bucket, too"));
const std::string kOptionsSchema = kOptions.schema();

const ktstr_environment_service* environment_of(sdk::Host host) {
  const auto* service =
      static_cast<const ktstr_environment_service*>(host.extension(KTSTR_ENVIRONMENT_SERVICE));
  if (service == nullptr || !KTSTR_HAS(ktstr_environment_service, service, conceal))
    throw sdk::Error(KTSTR_UNSUPPORTED, "store s3: this host does not tell plugins its environment",
                     "update ktstr");
  return service;
}

ktstr::s3_store::Variables variables_of(sdk::Host host) {
  return [host, service = environment_of(host)](const std::string& name) -> std::optional<std::string> {
    std::string value;
    const ktstr_writer writer = {
        sizeof(ktstr_writer), 0, &value,
        [](void* ctx, const void* bytes, std::uint64_t size) noexcept -> ktstr_status {
          try {
            static_cast<std::string*>(ctx)->append(static_cast<const char*>(bytes), size);
            return KTSTR_OK;
          } catch (...) {
            return KTSTR_INTERNAL;
          }
        }};
    const bool secret = name == "AWS_SECRET_ACCESS_KEY" || name == "AWS_SESSION_TOKEN" ||
                        name == "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    const ktstr_status found =
        service->variable(host.table(), sdk::str(name), secret ? KTSTR_VARIABLE_SECRET : 0U, &writer);
    return found == KTSTR_OK && !value.empty() ? std::optional<std::string>(value) : std::nullopt;
  };
}

Options options_of(sdk::Host host, const sdk::Creation& creation) {
  Options options = kit::refusing_mistakes([&] { return kOptions.read(creation.options); });
  if (options.url.empty())
    throw sdk::Error(KTSTR_INVALID_ARGUMENT, "store s3: the option \"url\" is missing",
                     "\"store\": \"s3://BUCKET/PREFIX\", or --store s3://BUCKET/PREFIX");
  options.cache_dir = std::string(creation.cache_dir);
  options.cancelled = [host] { return host.cancelled(); };
  options.warn = [host](const std::string& line) { host.warning(line); };
  return options;
}

class Plugin : public ktstr::s3_store::S3Store {
 public:
  Plugin(sdk::Host host, const sdk::Creation& creation)
      : S3Store(options_of(host, creation), variables_of(host), [host](const std::string& secret) {
          environment_of(host)->conceal(host.table(), sdk::str(secret));
        }) {}
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.sidecar-store-s3", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             (sdk::store_impl<Plugin, 0, ktstr::s3_store::kRequestsAtOnce>("s3", "runs in a bucket of S3",
                                                                           kOptionsSchema)))
