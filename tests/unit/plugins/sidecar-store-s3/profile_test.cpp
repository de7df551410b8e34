// SPDX-License-Identifier: Apache-2.0
#include "profile.hpp"

#include <gmock/gmock.h>

#include <ktstr/cpp/error.hpp>

#include "credentials.hpp"
#include "framework/temp_tree.hpp"

namespace ktstr::s3_store {
namespace {

using ::testing::HasSubstr;

class ProfileFiles : public ::testing::Test {
 protected:
  ProfileFiles() {
    tree.write(
        ".aws/config",
        "# mine\n[default]\nregion = eu-central-1\n[profile ci]\nregion=us-west-2 ; there\nservices = here\n"
        "aws_access_key_id = in-config\n[services here]\ns3 =\n  endpoint_url = https://s3.example.org\n"
        "ec2 =\n  endpoint_url = https://other.example.org\n[profile sso]\nsso_session = corp\n");
    tree.write(
        ".aws/credentials",
        "[default]\naws_access_key_id = D\naws_secret_access_key = d=/+x\n[ci]\naws_access_key_id = C\n"
        "aws_secret_access_key = c\naws_session_token = t\n");
  }
  Variables with(std::map<std::string, std::string> all) const {
    all.emplace("HOME", tree.path().string());
    all.emplace("AWS_EC2_METADATA_DISABLED", "true");
    return [all = std::move(all)](const std::string& name) -> std::optional<std::string> {
      const auto found = all.find(name);
      return found == all.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
  }
  Credentials found(const std::map<std::string, std::string>& variables) const {
    Http http("", [] { return false; });
    std::vector<std::string> concealed;
    CredentialChain chain(with(variables), Profile(with(variables)), "us-east-1", http,
                          [&](const std::string& secret) { concealed.push_back(secret); });
    const Credentials credentials = chain.get();
    EXPECT_THAT(concealed, ::testing::Contains(credentials.keys.secret));
    return credentials;
  }
  std::string refusal(const std::map<std::string, std::string>& variables) const {
    try {
      found(variables);
    } catch (const sdk::Error& error) {
      return error.message() + " | " + error.hint();
    }
    return "";
  }

  testing::TempTree tree;
};

TEST_F(ProfileFiles, SayKeysRegionAndEndpoints) {
  const Profile ci(with({{"AWS_PROFILE", "ci"}}));
  EXPECT_EQ(ci.value("region"), "us-west-2");
  EXPECT_EQ(ci.value("aws_access_key_id"), "C") << "the file of secrets wins";
  EXPECT_EQ(ci.service_value("s3", "endpoint_url"), "https://s3.example.org");
  EXPECT_EQ(Profile(with({})).value("aws_secret_access_key"), "d=/+x");
  EXPECT_EQ(Profile(with({})).value("region"), "eu-central-1");
  EXPECT_EQ(Profile(with({{"AWS_CONFIG_FILE", "/nonexistent"}})).value("region"), "");
}

TEST_F(ProfileFiles, AreAskedAfterTheEnvironment) {
  const std::map<std::string, std::string> keys = {{"AWS_ACCESS_KEY_ID", "E"},
                                                   {"AWS_SECRET_ACCESS_KEY", "e"}};
  EXPECT_EQ(found(keys).keys.access, "E");
  EXPECT_EQ(found(keys).source, "the environment");
  EXPECT_EQ(found({}).keys.access, "D");
  EXPECT_EQ(found({{"AWS_PROFILE", "ci"}}).keys.token, "t");
  EXPECT_EQ(found({{"AWS_DEFAULT_PROFILE", "ci"}}).keys.access, "C");
}

TEST_F(ProfileFiles, ThatLackSomethingAreToldSo) {
  EXPECT_THAT(refusal({{"AWS_PROFILE", "nobody"}}), HasSubstr("there is no profile \"nobody\""));
  EXPECT_THAT(refusal({{"AWS_PROFILE", "sso"}}), HasSubstr("aws configure export-credentials"));
  EXPECT_THAT(refusal({{"HOME", "/nonexistent"}}), HasSubstr("there are no credentials"));
  EXPECT_THAT(refusal({{"AWS_ACCESS_KEY_ID", "half"}}), HasSubstr("no AWS_SECRET_ACCESS_KEY"));
}

TEST(Ini, SkipsWhatIsNone) {
  EXPECT_TRUE(parse_ini("").empty());
  EXPECT_TRUE(parse_ini("key = without section\n").empty());
  const IniSections sections =
      parse_ini("[a\nx=1\n[b]\n=\nnothing\n key = indented\n[ c ]\r\nk\t=\tv # note\r\n");
  EXPECT_FALSE(sections.contains("a"));
  EXPECT_EQ(sections.at("b").at("key"), "indented");
  EXPECT_EQ(sections.at("c").at("k"), "v");
}

}  // namespace
}  // namespace ktstr::s3_store
