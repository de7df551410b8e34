#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bisect_kernels.py KTSTR searches Debian's kernels for the first with a bug that is known: `ktstr bisect` fetches those that are missing, boots
what it needs, and names the one. The bug is that of docs/known-bugs.md, "Found on the way": on a machine with one CPU a fair task beside a
real-time hog got its time until Linux 6.16, and gets none since 6.17."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

KTSTR = pathlib.Path(sys.argv[1]).resolve()
PATIENCE = 1500  # seconds of one search, fetching included
MANIFEST = {
    "name": "fair_beside_fifo",
    "topology": "1n1l1c1t",
    "memory_mib": 512,
    "duration_ms": 3000,
    "performance_mode": True,
    "cgroups": [
        {"name": "rt", "workers": 1, "policy": "fifo", "priority": 10, "work": {"type": "SpinWait"}},
        {"name": "fair", "workers": 1, "work": {"type": "SpinWait"}},
    ],
    "assert": {"max_gap_ms": 2000},
}


def search(*kernels):
    """Exit code and document of a search over Debian's kernels of these series, in a project of its own."""
    with tempfile.TemporaryDirectory() as project:
        root = pathlib.Path(project)
        (root / "ktstr.json").write_text('{"tests": ["test.json"]}')
        (root / "test.json").write_text(json.dumps(MANIFEST))
        for git in (["init", "-q"], ["add", "."], ["-c", "user.name=T", "-c", "user.email=t@ktstr.example", "commit", "-q", "-m", "a test"]):
            subprocess.run(["git", *git], cwd=root, check=True)
        command = [KTSTR, "bisect", "-E", "=fair_beside_fifo", "--deterministic", "--noise-adjust", "2", "--json"]
        for kernel in kernels:
            subprocess.run([KTSTR, "kernel", "fetch", kernel, "--if-missing"], check=True, capture_output=True)
            command += ["--kernel", kernel]
        environment = {key: value for key, value in os.environ.items() if key != "KTSTR_SIDECAR_DIR"}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
        print(done.stderr, file=sys.stderr)
        return done.returncode, json.loads(done.stdout or "{}")


class KernelsOfDebian(unittest.TestCase):
    def test_the_first_kernel_with_the_bug_is_named(self):
        code, document = search("6.12", "6.16", "6.17", "6.18", "7.0")
        self.assertEqual(code, 0, document)
        self.assertEqual(document["searched"], "kernels")
        self.assertRegex(document["first_bad"], r"^6\.17\.")
        verdicts = {kernel["kernel"].rsplit(".", 1)[0]: kernel["verdict"] for kernel in document["kernels"]}
        self.assertEqual((verdicts["6.12"], verdicts["6.16"], verdicts["6.17"], verdicts["7.0"]), ("good", "good", "bad", "bad"))
        note = next(kernel["note"] for kernel in document["kernels"] if kernel["kernel"].startswith("6.17."))
        self.assertIn("fair_beside_fifo failed in 2 of 2 runs", note)

    def test_kernels_without_the_bug_give_nothing_to_search(self):
        code, document = search("6.12", "6.16")
        self.assertEqual(code, 5, document)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
