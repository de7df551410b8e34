#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""walk.py BUILD SOURCE [--suite bookworm|trixie|noble] [--packages DIR] walks a newcomer's way in a clean root that is thrown away: the packages of
a build, `ktstr init`, a first test on a guest, a change that fails the build, its HTML report, the CI file, and no package any more. What is
typed there stands in docs/install.md, in the demo's README, or is what ktstr itself prints as the next step. Needs root and debootstrap; packages
and kernels are kept for the next time."""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import time

import yaml

import clean_root

USER = "newcomer"
HOME = f"/home/{USER}"
LIMIT = 600  # seconds for the whole way, once packages are installed


class Walk:
    """The steps of one root, each with its time; the first that fails ends it."""

    def __init__(self, root, source):
        self.root, self.source = root, source
        self.times = []

    def step(self, what, script, user=USER, directory=HOME, status=0, says=(), variables=None):
        begin = time.monotonic()
        done = self.root.run(script, user=user, directory=directory, variables=variables)
        self.times.append((what, time.monotonic() - begin))
        print(f"{self.times[-1][1]:6.1f} s  {what}", flush=True)
        missing = [text for text in says if not re.search(text, done.stdout)]
        if done.returncode != status or missing:
            sys.exit(f"{what}: ended with {done.returncode}, not {status}, or does not say {missing}:\n{script}\n{done.stdout[-6000:]}")
        return done.stdout

    def documented(self, page, name):
        """The block of a page behind <!-- walk: NAME -->, with this root's mirror for the usual one."""
        text = (self.source / page).read_text(encoding="utf-8")
        found = re.search(rf"<!-- walk: {name} -->\n+```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        if not found:
            sys.exit(f"{page} has no block behind <!-- walk: {name} -->")
        return found[1].replace(clean_root.MIRRORS[self.root.family], self.root.mirror)


def made_packages(build, place):
    subprocess.run(["cpack", "--config", str(build / "CPackConfig.cmake"), "-B", str(place)], cwd=build, check=True, stdout=subprocess.DEVNULL)


def install(walk, packages):
    root = walk.root
    shutil.copytree(packages, root.path / "src/build/packages", ignore=shutil.ignore_patterns("_CPack_Packages"))
    (root.path / "etc/apt/apt.conf.d/98walk").write_text('APT::Get::Assume-Yes "true";\nDpkg::Use-Pty "0";\n', encoding="utf-8")
    walk.step("install, as docs/install.md says", walk.documented("docs/install.md", root.suite), user="root", directory="/src")
    walk.step("a user", f"useradd --create-home --shell /bin/bash {USER}", user="root", directory="/")
    # Kernels that an earlier walk fetched, as a CI's cache has them.
    root.bind(root.cache / "kernels", f"{HOME}/.cache/ktstr/kernels")
    walk.step("their home", f"chown -R {USER}: {HOME}", user="root", directory="/")
    walk.step("ktstr is there", "ktstr --version; man -w ktstr 2>/dev/null || ls /usr/share/man/man1/ktstr.1*; ktstr plugin list",
              says=(r"^ktstr \d", "kvm", "fdr"))


def first_project(walk):
    """What `ktstr init` prints as the next step is typed as it stands."""
    said = walk.step("ktstr init", "git config --global user.name newcomer; git config --global user.email newcomer@example.org\n"
                     "git config --global init.defaultBranch main; git init -q first; cd first; ktstr init",
                     says=("wrote ktstr.json", "wrote .github/workflows/ktstr.yml"))
    project = f"{HOME}/first"
    following = re.search(r"^next: (.*)$", said, re.MULTILINE)[1]
    walk.step("what init says is next: kernel, first test", following, directory=project, says=("wakeups", "1 passed"))
    walk.step("ktstr doctor", "ktstr doctor", directory=project)
    walk.step("commit it", "git add -A && git commit -qm 'tests of the scheduler'; git status --short", directory=project)
    walk.step("a look at it", "ktstr stats && ktstr show HEAD wakeups || ktstr runs list", directory=project, says=("wakeups",))


def a_change(walk):
    """For the CI file to compare; git is among the packages that go before it is run."""
    walk.step("a change", "git switch -qc change && echo nothing >notes && git add notes && git commit -qm notes", directory=f"{HOME}/first")


def first_red_verdict(walk):
    walk.step("what the demo needs", walk.documented("examples/demo-scheduler/README.md", walk.root.suite), user="root", directory="/")
    walk.step("the demo: a good commit and a bad one", walk.documented("examples/demo-scheduler/README.md", "demo"),
              directory="/usr/share/ktstr/examples/demo-scheduler", status=1, says=("FAIL: .*rose", "timers_under_load"))
    page = walk.root.path / f"{HOME}/demo/report.html".lstrip("/")
    html = page.read_text(encoding="utf-8") if page.exists() else ""
    for text in ("<!doctype html>", "timers_under_load", "FAIL", "<svg"):
        if text.lower() not in html.lower():
            sys.exit(f"report.html has no {text}")
    walk.step("the report again", "ktstr perf-delta --last", directory=f"{HOME}/demo", status=1, says=("FAIL",))


def ci_file(walk):
    """What runs in the CI file that init wrote, from its installation on, for a merge request: as root, in a container without ktstr."""
    project = f"{HOME}/first"
    recipe = yaml.safe_load((walk.root.path / f"{project}/.github/workflows/ktstr.yml".lstrip("/")).read_text(encoding="utf-8"))
    package = next((walk.root.path / "src/build/packages").glob("ktstr_*.deb")).name
    variables = {"KTSTR_PACKAGE": f"file:///src/build/packages/{package}", "GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main",
                 "KTSTR_CACHE_DIR": f"{HOME}/.cache/ktstr"}
    variables |= {name: value for name, value in recipe["jobs"]["ktstr"]["env"].items() if "${{" not in value}
    # The checkout is another user's, as it is where a container's root works in the runner's folder; actions/checkout tells git so.
    (walk.root.path / "root/.gitconfig").write_text(f"[safe]\n\tdirectory = {project}\n", encoding="utf-8")
    said = [walk.step(f"CI file: {step.get('name', step['run'])}", step["run"].replace(clean_root.MIRRORS["debian"], walk.root.mirror),
                      user="root", directory=project, variables=variables)
            for step in recipe["jobs"]["ktstr"]["steps"] if "run" in step]
    if "PASS" not in said[-1]:
        sys.exit(f"the CI file compares nothing:\n{said[-1]}")


def remove(walk):
    walk.step("purge", "apt-get purge ktstr ktstr-sdk-dev && apt-get autoremove --purge", user="root", directory="/")
    left = walk.step("nothing is left", "dpkg -l | grep ktstr || true\n"
                     "find / -xdev ( -path /proc -o -path /sys -o -path /dev -o -path /home -o -path /src -o -path /var/cache/apt ) -prune "
                     "-o -iname '*ktstr*' -print".replace("( ", "\\( ").replace(" )", " \\)"), user="root", directory="/")
    if left.strip():
        sys.exit(f"left behind:\n{left}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("--suite", default="bookworm", choices=sorted(clean_root.SUITES))
    parser.add_argument("--packages", type=pathlib.Path, help="that were built already, on this suite")
    arguments = parser.parse_args()
    clean_root.alone()
    build, source = arguments.build.resolve(), arguments.source.resolve()
    with clean_root.CleanRoot(arguments.suite) as root:
        walk = Walk(root, source)
        packages = arguments.packages
        if packages is None:
            packages = root.path / "src/made"
            made_packages(build, packages)
        install(walk, packages)
        begin = time.monotonic()
        first_project(walk)
        first_red_verdict(walk)
        a_change(walk)
        remove(walk)
        if arguments.suite == "bookworm":  # the container that the recipe names
            ci_file(walk)
    took = time.monotonic() - begin
    print(f"{took:6.1f} s  the way with packages installed, on {arguments.suite}")
    if took > LIMIT:
        sys.exit(f"a newcomer's way took {took:.0f} s, more than {LIMIT} s")


if __name__ == "__main__":
    main()
