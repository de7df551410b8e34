// SPDX-License-Identifier: Apache-2.0
//
// Whose requests these are, found as the AWS SDKs find it: variables, web identity, the profile's keys, a
// container's, the machine's (IMDSv2).
#pragma once
#include <cstdint>
#include <functional>
#include <ktstr/kit/mutex.hpp>
#include <string>

#include "http.hpp"
#include "options.hpp"
#include "profile.hpp"
#include "signing.hpp"

namespace ktstr::s3_store {

struct Credentials {
  Keys keys;
  std::int64_t expires = 0;  ///< seconds since 1970; 0: never
  std::string source;        ///< "the environment", for messages
};

class CredentialChain {
 public:
  using Conceal = std::function<void(const std::string& secret)>;
  /// `conceal` is told each secret before it is used.
  CredentialChain(Variables variables, const Profile& profile, std::string region, Http& http,
                  Conceal conceal);

  /// Good for at least the next minutes. Throws KTSTR_INVALID_ARGUMENT when nobody knows any. Any thread.
  Credentials get();
  /// After the server said that they expired.
  void forget();

 private:
  Credentials find();
  bool from_environment(Credentials& out) const;
  bool from_web_identity(Credentials& out);
  bool from_profile(Credentials& out) const;
  bool from_container(Credentials& out);
  bool from_machine(Credentials& out);
  std::string variable(const char* name) const { return variables_(name).value_or(""); }

  Variables variables_;
  Profile profile_;
  std::string region_;
  Http& http_;
  Conceal conceal_;
  kit::Mutex mutex_;
  Credentials known_ KTSTR_GUARDED_BY(mutex_);
};

}  // namespace ktstr::s3_store
