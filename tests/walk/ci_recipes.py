#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ci_recipes.py PAGE WORK BRANCH… runs the shell parts of the recipes of docs/ci.md as their CI systems would: in a fresh clone of the git
repository WORK/origin for each job, first of main, then of each BRANCH, which is "fine" or "worse" as its name says, with what jobs hand to each
other carried between them. What installs is left out: walk.py runs that. The environment is the caller's; ktstr is the first on PATH."""
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import textwrap

import yaml

FOUND = re.compile(r"<!-- (?:recipe|generated): ([a-z-]+) -->\n+```(?:yaml|groovy)\n(.*?)^```", re.DOTALL | re.MULTILINE)
STAND_INS = {  # programs that ask a server: what it would say, from the artifacts that were kept
    "gh": """case "$1 $2" in
"run list") while [ "$1" != --commit ]; do shift; done; [ ! -d "$ARTIFACTS/$2" ] || echo "$2" ;;
"run download") [ "$4 $6" = "--name --dir" ] || [ "$4 $6" = "ktstr-runs --dir" ]; mkdir -p "$7"; cp -r "$ARTIFACTS/$3/$5/." "$7" ;;
*) echo "gh $*: not known here" >&2; exit 1 ;;
esac""",
    "curl": """for word; do case $word in *.zip) out=$PWD/$word ;; */jobs/artifacts/*/download\\?job=*) url=$word ;; esac; done
branch=${url#*/jobs/artifacts/}; cd "$ARTIFACTS/${branch%%/*}/${url##*job=}" && python3 -m zipfile -c "$out" *""",
    "unzip": 'python3 -m zipfile -e "$2" "$4"'}


class Machine:
    """What a CI system gives a job: a clone, variables, and what earlier jobs kept."""

    def __init__(self, work, branch):
        self.work, self.branch = work, branch
        self.place = work / "job"
        self.artifacts = work / "artifacts"
        self.asked = branch != "main"  # a change that is to be merged
        self.base = self.git("merge-base", "main", branch)

    def git(self, *arguments):
        return subprocess.run(["git", "-C", str(self.work / "origin"), *arguments], check=True, capture_output=True, text=True).stdout.strip()

    def checkout(self, *how):
        shutil.rmtree(self.place, ignore_errors=True)
        subprocess.run(["git", "clone", "-q", *how, "-b", self.branch, str(self.work / "origin"), str(self.place)], check=True)

    def shell(self, script, variables, name="sh"):
        """The exit code, and what was printed."""
        environment = {**os.environ, "ARTIFACTS": str(self.artifacts), "WORKSPACE": str(self.place), **variables}
        done = subprocess.run([name, "-ec", script], cwd=self.place, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, f"$ {script}\n{done.stdout}"

    def keep(self, path, *names):
        target = self.artifacts.joinpath(*names)
        target.mkdir(parents=True, exist_ok=True)
        shutil.copytree(path, target, dirs_exist_ok=True)


def run_all(steps):
    """Until one fails: (exit code, all output)."""
    said = ""
    for step in steps:
        code, text = step()
        said += text
        if code != 0:
            return code, said
    return 0, said


def filled(text, context):
    """With ${{ … }} replaced; what is not known here is a mistake of the recipe."""
    return re.sub(r"\$\{\{ *([\w.]+) *\}\}", lambda match: str(context[match[1]]), str(text))


def github_step(machine, step, variables, context):
    if step.get("if", "").strip() not in ("", "github.event_name == 'pull_request'"):
        sys.exit(f"a condition that this test does not know: {step['if']}")
    if step.get("if") and not machine.asked or step.get("name") == "install":
        return 0, ""
    variables = {**variables, **{key: filled(value, context) for key, value in step.get("env", {}).items()}}
    action = step.get("uses", "").split("@")[0]
    if action == "actions/upload-artifact":
        options = step["with"]
        machine.keep(machine.place / options["path"], machine.git("rev-parse", machine.branch), options["name"])
    elif action not in ("", "actions/checkout", "actions/cache"):
        sys.exit(f"an action that this test does not know: {action}")
    return machine.shell(filled(step["run"], context), variables, "bash") if "run" in step else (0, "")


def github(machine, text):
    recipe = yaml.safe_load(textwrap.dedent(text))
    job = recipe if isinstance(recipe, dict) else {"steps": recipe}
    for one in job.get("jobs", {"ktstr": job}).values():
        if one.get("if") and not machine.asked:
            continue
        for shard in one.get("strategy", {}).get("matrix", {}).get("shard", [0]):
            machine.checkout()
            context = {"matrix.shard": shard, "github.run_id": 1, "github.token": "token", "vars.KTSTR_PACKAGE": "", "secrets.AWS_ACCESS_KEY_ID": "",
                       "secrets.AWS_SECRET_ACCESS_KEY": ""}
            variables = {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main" if machine.asked else "",
                         **{key: filled(value, context) for key, value in one.get("env", {}).items()}}
            steps = [lambda step=step: github_step(machine, step, variables, context) for step in one["steps"]]  # pylint: disable=cell-var-from-loop
            code, said = run_all(steps)
            if code != 0:
                return code, said
    return 0, said


def gitlab(machine, text):
    recipe = yaml.safe_load(textwrap.dedent(text))
    said = ""
    for name, job in ({"ktstr": recipe} if "script" in recipe else recipe).items():
        parts = job.get("parallel", 1)
        for part in range(1, parts + 1):
            machine.checkout()
            for needed in job.get("needs", []):
                shutil.copytree(machine.artifacts / machine.branch / needed, machine.place, dirs_exist_ok=True)
            variables = {"GITLAB_CI": "true", "CI_PROJECT_DIR": str(machine.place), "CI_DEFAULT_BRANCH": "main", "CI_NODE_INDEX": str(part),
                         "CI_NODE_TOTAL": str(parts), "CI_API_V4_URL": "https://gitlab.example.org/api/v4", "CI_PROJECT_ID": "1", "CI_JOB_TOKEN": "t"}
            if machine.asked:
                variables |= {"CI_MERGE_REQUEST_IID": "1", "CI_MERGE_REQUEST_DIFF_BASE_SHA": machine.base}
            code, printed = machine.shell("\n".join(job["script"]), variables, "bash")
            said += printed
            for pattern in job.get("artifacts", {}).get("paths", []):
                for path in machine.place.glob(pattern):
                    machine.keep(path, machine.branch, name, path.relative_to(machine.place))
            if code != 0:
                return code, said
    return 0, said


JENKINS = re.compile(r"stage\('(?P<stage>\w+)'\)|(?P<asked>when \{ changeRequest\(\) \})|sh '''(?P<block>.*?)'''|sh '(?P<line>[^'\n]*)'|"
                     r"copyArtifacts (?P<copy>[^\n]*)", re.DOTALL)


def jenkins(machine, text):
    machine.checkout("--single-branch")
    stage, asked, said = "", False, ""
    for found in JENKINS.finditer(text):
        if found["stage"]:
            stage, asked = found["stage"], False
        asked = asked or bool(found["asked"])
        if stage == "install" or asked and not machine.asked:
            continue
        if found["copy"]:
            target = re.search(r"target: '([^']*)'", found["copy"])[1]
            shutil.copytree(machine.artifacts / "main/ktstr", machine.place / target)
        if found["line"] or found["block"]:
            variables = {"CHANGE_TARGET": "main"} if machine.asked else {}
            code, printed = machine.shell(found["line"] or found["block"], variables)
            said += printed
            if code != 0:
                return code, said
    if (machine.place / "target/ktstr").exists():
        machine.keep(machine.place / "target/ktstr", machine.branch, "ktstr", "target/ktstr")
    return 0, said


def recipes_of(page):
    """Each with what runs it. What is a part of a file stands in for that part of the whole one."""
    found = {name: text for name, text in FOUND.findall(page.read_text(encoding="utf-8"))}
    whole = found["ci-jenkins"]
    compare = whole.index("    stage('compare')")
    found["jenkins-artifact"] = whole[:compare] + found["jenkins-artifact"] + whole[whole.index("  }\n  post"):]
    systems = {"github": github, "gitlab": gitlab, "jenkins": jenkins}
    return [(name, text, systems[name.removeprefix("ci-").split("-")[0]]) for name, text in found.items()]


def problems_of(work, name, text, system, branches):
    """main is fine, and so is each branch, but for those that are called worse."""
    for place in ("artifacts", "store", "job"):
        shutil.rmtree(work / place, ignore_errors=True)
    compares = "perf-delta" in text
    for branch in ("main", *branches):
        code, said = system(Machine(work, branch), text.replace("s3://ci-results/scx_mine", str(work / "store")))
        worse = branch == "worse" and compares
        if code != (1 if worse else 0) or worse and "regressed" not in said:
            return [f"{name} on {branch} ended with {code}, not {1 if worse else 0}:\n{said}"]
        if compares and branch != "main" and "perf-delta" not in said:
            return [f"{name} on {branch} compared nothing:\n{said}"]
    return []


def main():
    page, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    bin_directory = work / "bin"
    bin_directory.mkdir(exist_ok=True)
    for name, script in STAND_INS.items():
        path = bin_directory / name
        path.write_text(f"#!/bin/sh\nset -e\n{script}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    os.environ["PATH"] = f"{bin_directory}:{os.environ['PATH']}"
    recipes = recipes_of(page)
    problems = [line for name, text, system in recipes for line in problems_of(work, name, text, system, sys.argv[3:])]
    print("\n".join(problems) or f"{len(recipes)} recipes do what they say: {', '.join(name for name, *_ in recipes)}")
    return 1 if problems or len(recipes) < 8 else 0


if __name__ == "__main__":
    sys.exit(main())
