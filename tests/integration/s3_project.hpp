// SPDX-License-Identifier: Apache-2.0
//
// A project whose runs lie in a bucket of s3_server.py, which runs on this machine and can be killed; or,
// where KTSTR_TEST_S3 says "ENDPOINT KEY SECRET BUCKET", of a real server, for the tests that need no more
// than that.
#pragma once
#include <csignal>
#include <sstream>
#include <thread>

#include "project.hpp"

namespace ktstr::testing {

class S3Project : public Project {
 public:
  static constexpr const char* kSecret = "ktstr/secret+0123456789";

  S3Project() {
    if (const char* real = std::getenv("KTSTR_TEST_S3")) {
      std::string bucket;
      std::istringstream(real) >> url_ >> key_ >> secret_ >> bucket;
      store_ = "s3://" + bucket + "/" + tree.path().filename().string();
    } else {
      tree.directory("s3");
      start();
    }
    tree.write("home/.config/ktstr/config.json", json::serialize(json::object{{"store", store_}}));
  }

  /// On the port that it had before.
  void start() {
    Arguments argv{"python3", KTSTR_S3_SERVER, (tree / "s3").string(), (tree / "s3-url").string()};
    if (!url_.empty()) argv.push_back(url_.substr(url_.rfind(':') + 1));
    server_ =
        std::make_unique<RunningProgram>(Program{argv, {}, {}, false, {}, {}, std::chrono::seconds(500)});
    if (!server_->wait_for_text("http://127.0.0.1")) throw std::runtime_error("the server does not start");
    url_ = tree.read("s3-url");
  }
  void kill() {
    server_->send(SIGKILL);
    server_->wait();
  }

  Variables keys(const Variables& more = {}) const {
    Variables all{{"AWS_ACCESS_KEY_ID", key_},
                  {"AWS_SECRET_ACCESS_KEY", secret_},
                  {"AWS_ENDPOINT_URL_S3", url_},
                  {"AWS_EC2_METADATA_DISABLED", "true"}};
    for (const auto& [name, value] : more) all[name] = value;
    return all;
  }
  ProgramResult s3(const Arguments& arguments, const Variables& more = {}) const {
    return ktstr(arguments, keys(more));
  }
  const std::string& url() const { return url_; }
  const std::string& store() const { return store_; }
  const std::string& secret() const { return secret_; }

  /// The next requests end so; see s3_server.py.
  void faults(const std::string& lines) const {
    tree.write("s3/faults.tmp", lines + "\n");
    fs::rename(tree / "s3/faults.tmp", tree / "s3/faults");
  }
  /// The requests since the last time: "PUT 200 /runs-of-ci/…".
  std::vector<std::string> requests() const {
    std::vector<std::string> lines;
    if (!fs::exists(tree / "s3/requests")) return lines;
    std::istringstream text(tree.read("s3/requests"));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    fs::remove(tree / "s3/requests");
    return lines;
  }
  /// Names of the objects in the bucket, decoded as far as slashes.
  std::vector<std::string> objects() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(tree / "s3/objects/runs-of-ci"))
      names.push_back(std::regex_replace(entry.path().filename().string(), std::regex("%2F"), "/"));
    std::sort(names.begin(), names.end());
    return names;
  }
  /// How each test of a run ended, by its manifest: "alpha passed".
  std::vector<std::string> outcomes(const std::string& run) const {
    std::vector<std::string> ends;
    const ProgramResult shown = s3({"runs", "show", run, "--json"});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    const json::value value = parsed(shown);
    for (const json::value& test : value.at("manifest").at("tests").as_array())
      ends.push_back(std::string(test.at("test").as_string()) + " " +
                     std::string(test.at("outcome").as_string()));
    std::sort(ends.begin(), ends.end());
    return ends;
  }
  /// Keys of runs, sidecars counted: "6.18.2-abc1234 3".
  std::vector<std::string> runs(const std::string& kind = "run") const {
    std::vector<std::string> keys;
    const ProgramResult list = s3({"runs", "list", "--json"});
    EXPECT_EQ(list.exit_code, 0) << list.err;
    const json::value listed = parsed(list).at("entries");
    for (const json::value& run : listed.as_array()) {
      if (run.at("kind") != json::value(kind)) continue;
      keys.push_back(std::string(run.at("key").as_string()) + " " +
                     std::to_string(run.at("tests").to_number<int>()));
    }
    return keys;
  }
  std::string head() const { return git({"rev-parse", "--short=7", "HEAD"}); }
  std::string run_of_head() const { return "6.18.2-" + head(); }

 private:
  std::unique_ptr<RunningProgram> server_;
  std::string url_, key_ = "ktstrkey", secret_ = kSecret, store_ = "s3://runs-of-ci/team a";
};

}  // namespace ktstr::testing
