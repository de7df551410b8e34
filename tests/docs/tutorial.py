#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tutorial.py KTSTR SOURCE types what docs/tutorial.md says, block by block in one shell, on real guests: every block ends with 0, but for the one
that compares, which is red. Only the demo's place is another one."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

RED = "ktstr perf-delta"


def main():
    ktstr, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    blocks = re.findall(r"^```sh\n(.*?)^```", (source / "docs/tutorial.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    if len(blocks) < 4 or not any(block.startswith(RED) for block in blocks):
        sys.exit(f"docs/tutorial.md has {len(blocks)} blocks of shell; is {RED} among them?")
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "PATH": f"{ktstr.parent}:{os.environ['PATH']}", "XDG_CONFIG_HOME": f"{place}/config"}
        for name in ("GITHUB_BASE_REF", "GITHUB_ACTIONS", "GITLAB_CI", "KTSTR_KERNEL", "KTSTR_PROFILE"):
            environment.pop(name, None)
        directory = source
        for block in blocks:
            script = block.replace("/tmp/demo", f"{place}/demo") + f"pwd >{place}/where\n"
            done = subprocess.run(["bash", "-ec", script], cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=900, check=False)
            print(f"$ {block}{done.stdout}", flush=True)
            red = block.startswith(RED)
            if done.returncode != (1 if red else 0) or red and not re.search("^FAIL: ", done.stdout, re.MULTILINE):
                sys.exit(f"ended with {done.returncode}, not {1 if red else 0}, or gives no verdict")
            if not red:
                directory = pathlib.Path(pathlib.Path(place, "where").read_text(encoding="utf-8").strip())
        for file in ("ktstr.json", ".github/workflows/ktstr.yml"):
            if not (directory / "first" / file).is_file():
                sys.exit(f"ktstr init wrote no {file}")


if __name__ == "__main__":
    main()
