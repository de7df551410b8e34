// SPDX-License-Identifier: Apache-2.0
//
// Credentials from each of the places where the AWS tools look for them.
#include <gmock/gmock.h>

#include "s3_project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class S3Credentials : public ::testing::Test {
 protected:
  /// Without the keys of the environment.
  ProgramResult list(Variables variables) const {
    variables.emplace("AWS_ACCESS_KEY_ID", "");
    variables.emplace("AWS_SECRET_ACCESS_KEY", "");
    ProgramResult result = project.s3({"stats", "list", "-vv"}, variables);
    for (const std::string& text : {result.out, result.err}) {
      for (const char* secret :
           {"ktstr/secret", "of-a-role/", "session-token-", "web-identity-token", "container-token"})
        EXPECT_THAT(text, Not(HasSubstr(secret)));
    }
    return result;
  }
  void expect_fine(const Variables& variables) const {
    const ProgramResult result = list(variables);
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }

  S3Project project;
};

TEST_F(S3Credentials, OfAProfile) {
  project.tree.write("home/.aws/credentials", "[ci]\naws_access_key_id = ktstrkey\naws_secret_access_key = " +
                                                  std::string(S3Project::kSecret) + "\n");
  project.tree.write(
      "home/.aws/config",
      "[profile ci]\nservices = local\n[services local]\ns3 =\n  endpoint_url = " + project.url() + "\n");
  expect_fine({{"AWS_PROFILE", "ci"}});
  expect_fine({{"AWS_PROFILE", "ci"}, {"AWS_ENDPOINT_URL_S3", ""}});
  EXPECT_EQ(list({}).exit_code, 2) << "default is another profile";
}

TEST_F(S3Credentials, OfTheMachine) {
  const Variables machine = {{"AWS_EC2_METADATA_DISABLED", ""},
                             {"AWS_EC2_METADATA_SERVICE_ENDPOINT", project.url()}};
  expect_fine(machine);
  Variables off = machine;
  off["AWS_EC2_METADATA_DISABLED"] = "true";
  EXPECT_THAT(list(off).err, HasSubstr("there are no credentials"));
}

TEST_F(S3Credentials, OfAContainer) {
  const Variables container = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", project.url() + "/creds"},
                               {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token"}};
  expect_fine(container);
  project.tree.write("token", "container-token\n");
  expect_fine({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", project.url() + "/creds"},
               {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", (project.tree / "token").string()}});
  EXPECT_THAT(list({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", project.url() + "/creds"}}).err,
              HasSubstr("the container gave no keys: it answered with 403"));
  EXPECT_THAT(list({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/creds"}}).err,
              HasSubstr("not encrypted"));
}

TEST_F(S3Credentials, OfAWebIdentity) {
  project.tree.write("token", "web-identity-token\n");
  const Variables identity = {{"AWS_WEB_IDENTITY_TOKEN_FILE", (project.tree / "token").string()},
                              {"AWS_ROLE_ARN", "arn:aws:iam::1:role/ci"},
                              {"AWS_ENDPOINT_URL_STS", project.url() + "/sts"}};
  expect_fine(identity);
  Variables other = identity;
  other["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/other";
  EXPECT_THAT(list(other).err, HasSubstr("STS answered with 403 AccessDenied"));
  other.erase("AWS_ROLE_ARN");
  EXPECT_THAT(list(other).err, HasSubstr("AWS_ROLE_ARN is not"));
}

TEST_F(S3Credentials, OfTheEnvironmentComeFirst) {
  project.tree.write("home/.aws/credentials",
                     "[default]\naws_access_key_id = nobody\naws_secret_access_key = nothing\n");
  EXPECT_EQ(project.s3({"stats", "list"}).exit_code, 0);
  EXPECT_THAT(list({}).err, HasSubstr("403 InvalidAccessKeyId"));
}

}  // namespace
}  // namespace ktstr::testing
