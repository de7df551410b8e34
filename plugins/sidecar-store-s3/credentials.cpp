// SPDX-License-Identifier: Apache-2.0
#include "credentials.hpp"

#include <ctime>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/json.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/sdk_error.hpp>
#include <ktstr/kit/text.hpp>

#include "listing.hpp"
#include "location.hpp"

namespace ktstr::s3_store {
namespace {

constexpr std::int64_t kRenewBefore = 300;  // seconds
constexpr std::uint64_t kMostAnswer = 1 << 20;
constexpr std::uint64_t kMostToken = 64 << 10;
constexpr std::chrono::milliseconds kPatience{5'000}, kMachinePatience{1'000};
constexpr std::string_view kContainerHost = "169.254.170.2";  // of ECS
constexpr std::string_view kMachineEndpoint = "http://169.254.169.254";

[[noreturn]] void no_credentials(const std::string& message, const std::string& hint = {}) {
  throw sdk::Error(KTSTR_INVALID_ARGUMENT, "store s3: " + message, hint);
}

std::string text_of_file(const std::string& path) {
  auto text = kit::read_file(path, kMostToken);
  if (!text) throw kit::sdk_error(text.error());
  return std::string(kit::without_margins(*text));
}

std::string member_of(const kit::json::object& object, std::string_view name) {
  const kit::json::value* value = object.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// The JSON that container and machine answer with.
Credentials of_json(const HttpAnswer& answer, const std::string& source) {
  const kit::json::object object = kit::object_or_empty(answer.body);
  Credentials found{
      {member_of(object, "AccessKeyId"), member_of(object, "SecretAccessKey"), member_of(object, "Token")},
      parse_date_ns(member_of(object, "Expiration")) / 1'000'000'000,
      source};
  if (answer.status != 200 || found.keys.access.empty() || found.keys.secret.empty()) {
    no_credentials(source + " gave no keys: " +
                   (answer.status == 0 ? answer.error : "it answered with " + std::to_string(answer.status)));
  }
  return found;
}

HttpRequest plain_request(std::string url, std::chrono::milliseconds patience) {
  HttpRequest request;
  request.url = std::move(url);
  request.connect = request.silence = patience;
  request.most_bytes = kMostAnswer;
  return request;
}

}  // namespace

CredentialChain::CredentialChain(Variables variables, const Profile& profile, std::string region, Http& http,
                                 Conceal conceal)
    : variables_(std::move(variables)),
      profile_(profile),
      region_(std::move(region)),
      http_(http),
      conceal_(std::move(conceal)) {}

Credentials CredentialChain::get() {
  const kit::Lock lock(mutex_);
  const bool fresh = known_.expires == 0 || known_.expires - kRenewBefore > std::time(nullptr);
  if (!known_.keys.access.empty() && fresh) return known_;
  Credentials found = find();
  for (const std::string* secret : {&found.keys.secret, &found.keys.token}) {
    if (!secret->empty()) conceal_(*secret);
  }
  known_ = found;
  return found;
}

void CredentialChain::forget() {
  const kit::Lock lock(mutex_);
  known_ = {};
}

Credentials CredentialChain::find() {
  Credentials found;
  if (from_environment(found) || from_web_identity(found) || from_profile(found) || from_container(found) ||
      from_machine(found))
    return found;
  no_credentials("there are no credentials: none in the environment, in the profile " +
                     printable_start(profile_.name(), 80) + ", of a web identity, a container or the machine",
                 "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile: AWS_PROFILE=NAME");
}

bool CredentialChain::from_environment(Credentials& out) const {
  const std::string access = variable("AWS_ACCESS_KEY_ID"), secret = variable("AWS_SECRET_ACCESS_KEY");
  if (access.empty() && secret.empty()) return false;
  if (access.empty() || secret.empty()) {
    no_credentials(std::string("the environment has ") +
                       (access.empty() ? "AWS_SECRET_ACCESS_KEY and no AWS_ACCESS_KEY_ID"
                                       : "AWS_ACCESS_KEY_ID and no AWS_SECRET_ACCESS_KEY"),
                   "export both, or none");
  }
  out = {{access, secret, variable("AWS_SESSION_TOKEN")}, 0, "the environment"};
  return true;
}

/// GitHub's and EKS's way: a token in a file is changed for keys of a role.
bool CredentialChain::from_web_identity(Credentials& out) {
  std::string file = variable("AWS_WEB_IDENTITY_TOKEN_FILE"), role = variable("AWS_ROLE_ARN"),
              session = variable("AWS_ROLE_SESSION_NAME");
  if (file.empty()) {
    file = profile_.value("web_identity_token_file");
    role = profile_.value("role_arn");
  }
  if (file.empty()) return false;
  if (role.empty())
    no_credentials("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not", "export the role's ARN");
  const std::string token = text_of_file(file);
  conceal_(token);
  std::string endpoint = variable("AWS_ENDPOINT_URL_STS");
  if (endpoint.empty()) endpoint = "https://sts." + region_ + ".amazonaws.com";
  const UrlParts parts = split_url(endpoint, "AWS_ENDPOINT_URL_STS");
  if (parts.scheme != "https" && !is_loopback(parts.host))
    no_credentials("AWS_ENDPOINT_URL_STS is not encrypted, and on another machine", "use https");
  HttpRequest request = plain_request(endpoint + "/", kPatience);
  const std::string body = canonical_query({{"Action", "AssumeRoleWithWebIdentity"},
                                            {"Version", "2011-06-15"},
                                            {"RoleArn", role},
                                            {"RoleSessionName", session.empty() ? "ktstr" : session},
                                            {"WebIdentityToken", token}});
  request.method = "POST";
  request.headers = {"Content-Type: application/x-www-form-urlencoded"};
  request.body = body;
  const HttpAnswer answer = http_.perform(request);
  out = {{element_text(answer.body, "AccessKeyId"), element_text(answer.body, "SecretAccessKey"),
          element_text(answer.body, "SessionToken")},
         parse_date_ns(element_text(answer.body, "Expiration")) / 1'000'000'000,
         "the web identity"};
  if (answer.status != 200 || out.keys.access.empty() || out.keys.secret.empty()) {
    const std::string code = printable_start(element_text(answer.body, "Code"), 80);
    no_credentials(
        "the web identity gave no keys: " +
            (answer.status == 0 ? answer.error
                                : "STS answered with " + std::to_string(answer.status) + " " + code),
        "is the role " + printable_start(role, 120) + " right, and does it trust this token?");
  }
  return true;
}

bool CredentialChain::from_profile(Credentials& out) const {
  out = {{profile_.value("aws_access_key_id"), profile_.value("aws_secret_access_key"),
          profile_.value("aws_session_token")},
         0,
         "the profile " + profile_.name()};
  if (!out.keys.access.empty() && !out.keys.secret.empty()) return true;
  for (const char* way : {"sso_session", "sso_start_url", "credential_process", "source_profile"}) {
    if (profile_.value(way).empty()) continue;
    no_credentials("the profile " + printable_start(profile_.name(), 80) + " has no keys, but a " + way +
                       ", which this store does not follow",
                   "eval \"$(aws configure export-credentials --format env)\"");
  }
  return false;
}

bool CredentialChain::from_container(Credentials& out) {
  const std::string relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  std::string url = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative.empty()) url = "http://" + std::string(kContainerHost) + relative;
  if (url.empty()) return false;
  const UrlParts parts = split_url(url, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const bool ours = parts.scheme == "https" || is_loopback(parts.host) || parts.host == kContainerHost ||
                    parts.host == "169.254.170.23" || parts.host == "[fd00:ec2::23]";  // of EKS
  if (!ours) no_credentials("AWS_CONTAINER_CREDENTIALS_FULL_URI is not encrypted, and on another machine");
  HttpRequest request = plain_request(url, kPatience);
  const std::string file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  const std::string token = file.empty() ? variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") : text_of_file(file);
  if (token.find_first_of("\r\n") != std::string::npos)
    no_credentials("AWS_CONTAINER_AUTHORIZATION_TOKEN has more than one line");
  if (!token.empty()) {
    conceal_(token);
    request.headers = {"Authorization: " + token};
  }
  out = of_json(http_.perform(request), "the container");
  return true;
}

/// IMDSv2. A machine that is none of Amazon's does not answer within a second.
bool CredentialChain::from_machine(Credentials& out) {
  if (variable("AWS_EC2_METADATA_DISABLED") == "true") return false;
  std::string endpoint = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (endpoint.empty()) endpoint = kMachineEndpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  HttpRequest ask = plain_request(endpoint + "/latest/api/token", kMachinePatience);
  ask.method = "PUT";
  ask.headers = {"X-aws-ec2-metadata-token-ttl-seconds: 21600"};
  const HttpAnswer token = http_.perform(ask);
  if (token.status != 200 || token.body.empty() || token.body.find_first_of("\r\n") != std::string::npos)
    return false;
  const std::string base = endpoint + "/latest/meta-data/iam/security-credentials/";
  HttpRequest roles = plain_request(base, kMachinePatience);
  roles.headers = {"X-aws-ec2-metadata-token: " + token.body};
  const HttpAnswer named = http_.perform(roles);
  const std::string role(kit::without_margins(kit::first_line_of(named.body)));
  if (named.status != 200 || role.empty()) return false;  // a machine without a role
  HttpRequest keys = plain_request(base + percent_encoded(role, false), kMachinePatience);
  keys.headers = roles.headers;
  out = of_json(http_.perform(keys), "the machine");
  return true;
}

}  // namespace ktstr::s3_store
