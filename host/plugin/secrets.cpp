// SPDX-License-Identifier: Apache-2.0
#include "plugin/secrets.hpp"

#include <algorithm>
#include <ktstr/kit/mutex.hpp>
#include <ktstr/kit/text.hpp>
#include <vector>

#include "support/json.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kShortest = 4;  ///< shorter texts are no secrets, and stand everywhere

kit::Mutex handed_out_mutex;
std::vector<std::string> handed_out
    KTSTR_GUARDED_BY(handed_out_mutex);  ///< the longest first: one may contain another

class SecretReader {
 public:
  SecretReader(std::string what, const VariableLookup& variable)
      : what_(std::move(what)), variable_(variable) {}

  Status read(json::value& value, const json::value* schema, const std::string& path) const {
    const json::object* rules = schema == nullptr ? nullptr : schema->if_object();
    if (rules == nullptr) return Ok{};
    const json::value* format = rules->if_contains("format");
    if (format != nullptr && format->is_string() && format->get_string() == kSecretFormat)
      return resolve(value, path);
    const json::value* properties = rules->if_contains("properties");
    if (!value.is_object() || properties == nullptr || !properties->is_object()) return Ok{};
    for (json::key_value_pair& entry : value.get_object()) {
      const std::string key(entry.key());
      const Status fine = read(entry.value(), properties->get_object().if_contains(key),
                               path.empty() ? key : path + "." + key);
      if (!fine) return fine;
    }
    return Ok{};
  }

 private:
  Status resolve(json::value& value, const std::string& path) const {
    const std::string option = what_ + ": option \"" + printable(path) + "\"";
    const json::object* reference = value.if_object();
    const json::value* name = reference == nullptr ? nullptr : reference->if_contains("env");
    if (name == nullptr || !name->is_string() || reference->size() != 1) {
      return usage_error(option + " is a secret, which no configuration and no command line may show",
                         "name a variable of the environment that has it: {\"env\": \"NAME\"}");
    }
    const std::string variable_name(name->get_string());
    auto found = variable_ ? variable_(variable_name) : std::nullopt;
    if (!found || found->empty()) {
      return usage_error(option + ": the environment has no " + printable(variable_name),
                         "export " + printable(variable_name) + " before ktstr starts");
    }
    remember_secret(*found);
    value = *found;
    return Ok{};
  }

  std::string what_;
  const VariableLookup& variable_;
};

}  // namespace

void remember_secret(const std::string& value) {
  if (value.size() < kShortest) return;
  const kit::Lock lock(handed_out_mutex);
  if (std::find(handed_out.begin(), handed_out.end(), value) != handed_out.end()) return;
  handed_out.push_back(value);
  std::sort(handed_out.begin(), handed_out.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

Result<std::string> with_secrets(std::string_view schema, const std::string& options_json,
                                 const std::string& what, const VariableLookup& variable) {
  if (schema.find(kSecretFormat) == std::string_view::npos) return options_json;
  auto options = parse_json(options_json.empty() ? "{}" : options_json, "options of the " + what);
  const auto rules = parse_json(schema, "option schema");
  if (!options || !rules) return options_json;  // told when they are checked
  if (const Status fine = SecretReader(what, variable).read(*options, &*rules, ""); !fine)
    return fine.error();
  return to_text(*options, 0);
}

std::string without_secrets(std::string text) {
  const kit::Lock lock(handed_out_mutex);
  for (const std::string& secret : handed_out) {
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += 3)
      text.replace(at, secret.size(), "***");
  }
  return text;
}

}  // namespace ktstr
