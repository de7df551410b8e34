// SPDX-License-Identifier: Apache-2.0
//
// ~/.aws/config and ~/.aws/credentials, as the AWS tools write them.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "options.hpp"

namespace ktstr::s3_store {

/// Section -> key -> value. Of a key with indented lines below it ("s3 =" of a services section) each of
/// those is "s3.endpoint_url". Text that is none of that is skipped.
using IniSections = std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>>;
IniSections parse_ini(std::string_view text);

class Profile {
 public:
  Profile() = default;
  /// Of AWS_PROFILE, else "default". Throws KTSTR_INVALID_ARGUMENT when AWS_PROFILE names one that is not
  /// there, or a file of it cannot be read.
  explicit Profile(const Variables& variables);

  const std::string& name() const { return name_; }
  /// What the credentials file says, else the config file; empty: nothing.
  std::string value(std::string_view key) const;
  /// Of the services section that the profile names.
  std::string service_value(std::string_view service, std::string_view key) const;

 private:
  std::string name_ = "default";
  std::map<std::string, std::string, std::less<>> values_, services_;
};

}  // namespace ktstr::s3_store
