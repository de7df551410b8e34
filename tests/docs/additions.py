#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""additions.py ROOT holds the diffs of ROOT/docs/additions, which show what an addition takes, against the tree: each applies, alone.
additions.py ROOT --build DIR applies all of them to a copy in DIR, builds what they add and runs it; it takes as long as a build does."""
import os
import pathlib
import shutil
import subprocess
import sys

TARGETS = ["ktstr", "ktstr-tables", "ktstr-kvm-tables", "kvm-runner", "ktstr-agent", "reporter-count"]
# Which diff -> what to run in the build, and what it has to print.
RUNS = {
    "metric": (["bin/ktstr-tables", "metrics"], "| `involuntary_switches_per_sec` | lower | 100, 25 % | 1/s |"),
    "sidecar-field": (["bin/ktstr-tables", "sidecar-fields"], "| `stored_by` | string | yes |"),
    "command": (["bin/ktstr", "runs", "latest", "--help"], "ktstr runs latest [OPTIONS]"),
    "work-type": (["bin/ktstr-kvm-tables", "work-types"], "| `SelfPause` |"),
    "assertion": (["bin/ktstr-kvm-tables", "assertions"], "| `min_cpus_used` |"),
    "reporter": (["bin/ktstr", "plugin", "info", "count"], "reporter count: how many rows a document has"),
}


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, text=True, capture_output=True)
    return done.returncode, done.stdout + done.stderr


def check_each(root, diffs):
    for diff in diffs:
        code, said = run("git", "apply", "--check", str(diff), cwd=root)
        if code != 0:
            yield f"{diff.relative_to(root)} does not apply: {said.strip()}"
        if diff.stem not in RUNS:
            yield f"{diff.relative_to(root)}: additions.py does not know what to run for it"


def build_all(root, diffs, place):
    tree, build = place / "tree", place / "build"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(root, tree, ignore=shutil.ignore_patterns(".git", "build"))
    steps = [["git", "init", "-q", "."], *(["git", "apply", str(diff)] for diff in diffs),
             ["cmake", "-S", ".", "-B", str(build), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DKTSTR_TESTS=OFF"],
             ["cmake", "--build", str(build), "--target", *TARGETS]]
    for step in steps:
        code, said = run(*step, cwd=tree)
        if code != 0:
            yield f"{' '.join(step)}: {said[-3000:]}"
            return
    for name, (command, expected) in RUNS.items():
        code, said = run(str(build / command[0]), *command[1:], cwd=place)
        if code != 0 or expected not in said:
            yield f"{name}: {' '.join(command)} ended with {code} and does not print \"{expected}\":\n{said[:2000]}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    diffs = sorted((root / "docs" / "additions").glob("*.diff"))
    problems = [f"there is no diff for {name}" for name in sorted(set(RUNS) - {diff.stem for diff in diffs})]
    problems += check_each(root, diffs)
    if not problems and sys.argv[2:3] == ["--build"]:
        place = pathlib.Path(sys.argv[3]).resolve()
        os.makedirs(place, exist_ok=True)
        problems += build_all(root, diffs, place)
    print("\n".join(problems) or f"{len(diffs)} additions are as shown")
    return 1 if problems else 0


sys.exit(main())
