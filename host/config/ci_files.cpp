// SPDX-License-Identifier: Apache-2.0
#include "config/ci_files.hpp"

#include <ktstr/kit/text.hpp>
#include <string_view>

namespace ktstr {
namespace {

// What they have in common: ktstr is installed before the checkout, which without git would bring no history;
// QEMU 10 is in Debian 12's backports; tests run in virtual time, as hosted machines are noisy and have no
// KVM.

constexpr std::string_view kInstall = R"(list=/etc/apt/sources.list.d/backports.list
echo 'deb http://deb.debian.org/debian bookworm-backports main' >$list
apt-get update -qq
apt-get install -y -qq --no-install-recommends -t bookworm-backports \
  ca-certificates curl qemu-system-x86 qemu-utils
curl -fsSL -o /tmp/ktstr.deb "${KTSTR_PACKAGE:?say in it where ktstr_*.deb lies}"
apt-get install -y -qq --no-install-recommends /tmp/ktstr.deb
)";

constexpr std::string_view kGithub = R"(name: ktstr
on:
  push: {branches: [main]}
  pull_request:
jobs:
  ktstr:
    runs-on: ubuntu-latest
    container: debian:bookworm
    env:
      KTSTR_PACKAGE: ${{ vars.KTSTR_PACKAGE }}   # where your ktstr_*.deb lies, a URL
      KTSTR_SAFE_DIRECTORIES: "*"                # the checkout is the runner's, not root's in here
    steps:
      # First: a checkout without git has no history.
      - name: install
        run: |
          @install
      # Install what your build needs, too.
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      - uses: actions/cache@v4                   # kernels and saved guests
        with:
          path: ~/.cache/ktstr
          key: ktstr-${{ github.run_id }}
          restore-keys: ktstr-
      - run: ktstr kernel fetch 6.18 --if-missing
      - run: ktstr doctor
      # In virtual time: hosted machines are noisy and have no KVM.
      - run: ktstr test --kernel 6.18 --deterministic --strict
      - if: github.event_name == 'pull_request'
        run: ktstr perf-delta --noise-adjust 5 --kernel 6.18 --deterministic --strict
)";

constexpr std::string_view kGitlab = R"(ktstr:
  image: debian:bookworm
  variables:
    GIT_DEPTH: "0"
    KTSTR_CACHE_DIR: $CI_PROJECT_DIR/target/ktstr-cache
    KTSTR_SAFE_DIRECTORIES: $CI_PROJECT_DIR      # whoever cloned it
    # KTSTR_PACKAGE, a variable of the project: where your ktstr_*.deb lies, a URL.
  cache:                                         # kernels and saved guests
    key: ktstr
    paths: [target/ktstr-cache]
  before_script:
    - |
      @install
    # Install what your build needs, too.
  script:
    - ktstr kernel fetch 6.18 --if-missing
    - ktstr doctor
    # In virtual time: hosted machines are noisy and have no KVM.
    - ktstr test --kernel 6.18 --deterministic --strict
    - |
      if [ -n "$CI_MERGE_REQUEST_IID" ]; then
        ktstr perf-delta --noise-adjust 5 --kernel 6.18 --deterministic --strict
      fi
  artifacts:
    when: always
    reports: {codequality: gl-code-quality-report.json}
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
)";

constexpr std::string_view kJenkins = R"(pipeline {
  agent { docker { image 'debian:bookworm'; args '-u root' } }
  environment {
    KTSTR_CACHE_DIR = "${WORKSPACE}/target/ktstr-cache"   // kernels and saved guests stay in the workspace
    KTSTR_SAFE_DIRECTORIES = "${WORKSPACE}"               // it is Jenkins', not the root's in here
    // KTSTR_PACKAGE, a variable of the folder or of Jenkins: where your ktstr_*.deb lies, a URL.
  }
  stages {
    stage('install') {
      steps {
        sh '''
          @install
        '''
        // Install what your build needs, too.
      }
    }
    stage('test') {
      steps {
        sh 'git config --global --add safe.directory "$WORKSPACE"'
        sh 'ktstr kernel fetch 6.18 --if-missing'
        sh 'ktstr doctor'
        // In virtual time: shared machines are noisy, and may have no KVM.
        sh '''
          ktstr test --kernel 6.18 --deterministic --strict \
            --reporter terminal --reporter junit::out=ktstr-test.xml
        '''
      }
    }
    stage('compare') {
      when { changeRequest() }
      steps {
        sh '''
          git fetch -q --no-tags origin "+refs/heads/$CHANGE_TARGET:refs/remotes/origin/$CHANGE_TARGET"
          ktstr perf-delta --noise-adjust 5 --kernel 6.18 --deterministic --strict \
            --reporter terminal --reporter junit::out=ktstr-delta.xml
        '''
      }
    }
  }
  post { always { junit testResults: 'ktstr-*.xml', allowEmptyResults: true } }
}
)";

/// The lines of kInstall instead of the line "@install", as far in as that is.
std::string with_install(std::string_view text) {
  std::string out;
  for (const std::string& line : kit::lines(text)) {
    const std::size_t margin = line.find("@install");
    if (margin == std::string::npos) {
      out += line + "\n";
      continue;
    }
    for (const std::string& step : kit::lines(kInstall)) out += std::string(margin, ' ') + step + "\n";
  }
  return out;
}

}  // namespace

const std::vector<CiFile>& ci_files() {
  static const std::vector<CiFile> kFiles = {{"github", ".github/workflows/ktstr.yml", with_install(kGithub)},
                                             {"gitlab", ".gitlab-ci.yml", with_install(kGitlab)},
                                             {"jenkins", "Jenkinsfile", with_install(kJenkins)}};
  return kFiles;
}

}  // namespace ktstr
