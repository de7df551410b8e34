#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""known_bugs.py ROOT: bench/known-bugs/run beside a ktstr that says what it is told to, and its table beside its manifests."""
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv[1])
KNOWN = ROOT / "bench/known-bugs"
NAME = "cgroup_idle_preempt_hierarchy"
# Kernels 6.1 fail with the words of $SAYS, all others pass, but for the seed of $ODD, with which nothing does what the others do.
FAKE = """#!/bin/bash
case $1 in
  kernel) mkdir -p "$CACHE/$3.99+deb"; echo "$CACHE/$3.99+deb/image";;
  test) outcome=passed; [[ $5 == */6.1.99* ]] && outcome=failed
    [[ $3 == *-faulty ]] && outcome=failed
    if [ "$8" = "${ODD:-}" ]; then [ $outcome = passed ] && outcome=failed || outcome=passed; fi
    [ -n "${NOTHING:-}" ] && { echo "no such thing" >&2; exit 3; }
    printf '{"tests": [{"outcome": "%s", "message": "%s", "duration_ns": 1500000000}]}' ${ENDS:-$outcome} "$SAYS"
    exit ${CODE:-0};;
esac
"""


def rows(table="bugs.tsv"):
    lines = [line for line in (KNOWN / table).read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def run(*arguments, **environment):
    with tempfile.TemporaryDirectory() as directory:
        fake = pathlib.Path(directory) / "ktstr"
        fake.write_text(FAKE)
        fake.chmod(0o755)
        environment = {**os.environ, "CACHE": directory, "SAYS": '\\"web/median_wake_latency_us\\" is high', **environment}
        return subprocess.run([KNOWN / "run", "--ktstr", fake, *arguments], env=environment, capture_output=True, text=True, check=False)


class Verdicts(unittest.TestCase):
    def test_red_on_the_buggy_kernel_and_green_on_the_fixed_one_is_shown(self):
        done = run(NAME, "--seeds", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"| {NAME} | cgroup | 6.1.99 | 3 of 3 | 6.12.99 | 3 of 3 | 1.5 | shown |", done.stdout)
        self.assertIn("score: 1 of 1 bugs shown, 1 expected, seeds 1 to 3", done.stdout)

    def test_one_seed_that_disagrees_is_not_shown(self):
        done = run(NAME, "--seeds", "3", ODD="2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("| 2 of 3 | 6.12.99 | 2 of 3 |", done.stdout)
        self.assertIn("NOT SHOWN", done.stdout)
        self.assertIn("6.1.99, seed 2: passed", done.stdout)

    def test_a_failure_for_another_reason_does_not_count(self):
        done = run(NAME, SAYS="the guest did not boot")
        self.assertEqual(done.returncode, 1)
        self.assertIn("0 of 1", done.stdout)
        self.assertIn("the guest did not boot", done.stdout)

    def test_mistakes_of_schedulers_have_a_table_of_their_own(self):
        done = run(NAME, "lavd_slice_begins_anew", SAYS="(max_gap_ms)")
        self.assertEqual(done.returncode, 1, "the kernel's bug says something else")
        self.assertIn("score: 0 of 1 bugs shown, 1 expected, seeds 1 to 1", done.stdout)
        self.assertIn("| lavd_slice_begins_anew | scx_lavd #250 | 6.18.99 | 1 of 1 | 1 of 1 | 1.5 | shown |", done.stdout)
        self.assertIn("score: 1 of 1 mistakes of public schedulers shown, seeds 1 to 1", done.stdout)

    def test_json_has_the_same(self):
        done = run(NAME, "--json")
        document = json.loads(done.stdout)
        self.assertEqual(document["score"], {"shown": 1, "expected": 1, "known": 1})
        self.assertEqual(document["score_of_schedulers"], {"shown": 0, "expected": 0, "known": 0})
        self.assertEqual((document["bugs"][0]["red"], document["bugs"][0]["green"], document["bugs"][0]["shown"]), (1, 1, True))

    def test_seeds_begin_where_they_are_told_to(self):
        done = run(NAME, "--seeds", "3", "--first-seed", "1001", ODD="1003")
        self.assertEqual(done.returncode, 1)
        self.assertIn("6.1.99, seed 1003: passed", done.stdout)
        self.assertIn("seeds 1001 to 1003", done.stdout)

    def test_results_are_kept_and_not_run_again(self):
        with tempfile.TemporaryDirectory() as directory:
            kept = pathlib.Path(directory) / "runs.jsonl"
            self.assertEqual(run(NAME, "--seeds", "2", "--results", kept).returncode, 0)
            self.assertEqual(len(kept.read_text().splitlines()), 4)
            done = run(NAME, "--seeds", "3", "--results", kept, "--only-read")
            self.assertEqual(done.returncode, 1)
            self.assertIn("| 6.1.99 | 2 of 2 | 6.12.99 | 2 of 2 | 1.5 | not all of 3 seeds were run |", done.stdout)
            done = run(NAME, "--seeds", "3", "--results", kept, ODD="1")  # seed 1 is known already
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertEqual(done.stderr.count("seed 3"), 2)
            self.assertNotIn("seed 1", done.stderr)
            self.assertIn("3 of 3", done.stdout)

    def test_a_file_that_is_no_results_is_left_alone(self):
        with tempfile.TemporaryDirectory() as directory:
            other = pathlib.Path(directory) / "notes"
            other.write_text("no run\n")
            done = run(NAME, "--results", other)
            self.assertEqual(done.returncode, 2)
            self.assertIn("a line is no run of a bug", done.stderr)
            self.assertEqual(other.read_text(), "no run\n")

    def test_what_cannot_be_reached_stands_in_the_table_with_its_reason(self):
        row = next(row for row in rows() if not row["seen"])
        done = run(row["name"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(row["reason"], done.stdout)
        self.assertIn("score: 0 of 1", done.stdout)

    def test_mistakes_are_told(self):
        done = run("cgroup_idle_preempt")
        self.assertEqual(done.returncode, 2)
        self.assertIn(f'did you mean "{NAME}"?', done.stderr)
        self.assertEqual(run("--seeds", "0").returncode, 2)
        self.assertEqual(run("--seeds", "many").returncode, 2)
        self.assertEqual(run("--first-seed", "-1").returncode, 2)
        self.assertEqual(run("--only-read").returncode, 2)

    def test_a_test_that_does_not_run_is_an_error_and_no_verdict(self):
        done = run(NAME, NOTHING="1")
        self.assertEqual(done.returncode, 3)
        self.assertIn("no such thing", done.stderr)


    def test_what_was_interrupted_or_could_not_run_is_no_verdict_and_not_kept(self):
        with tempfile.TemporaryDirectory() as directory:
            kept = pathlib.Path(directory) / "runs.jsonl"
            for ends, code in (("inconclusive", "130"), ("error", "3"), ("error", "0")):
                done = run(NAME, "--seeds", "4", "--jobs", "2", "--results", kept, ENDS=ends, CODE=code)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn("was not run to its end", done.stderr)
                self.assertEqual(kept.read_text(), "")

    def test_a_results_file_that_lost_its_last_newline_goes_on(self):
        with tempfile.TemporaryDirectory() as directory:
            kept = pathlib.Path(directory) / "runs.jsonl"
            self.assertEqual(run(NAME, "--results", kept).returncode, 0)
            kept.write_text(kept.read_text().rstrip("\n"))
            self.assertEqual(run(NAME, "--seeds", "2", "--results", kept).returncode, 0)
            self.assertEqual(run(NAME, "--seeds", "2", "--results", kept, "--only-read").returncode, 0)

    def test_a_results_file_that_cannot_be_used_is_told_before_anything_runs(self):
        with tempfile.TemporaryDirectory() as directory:
            for place in (directory, directory + "/none/runs.jsonl"):
                done = run(NAME, "--results", place)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("cannot be used", done.stderr)
                self.assertNotIn("seed 1", done.stderr)


class Data(unittest.TestCase):
    def test_every_bug_has_a_manifest_or_a_reason(self):
        for row in rows():
            with self.subTest(row["name"]):
                self.assertNotIn(None, row)
                self.assertRegex(row["fix"], r"^[0-9a-f]{12}$")
                self.assertEqual(bool(row["seen"]), not row["reason"])
                self.assertEqual(bool(row["seen"]), (KNOWN / "tests" / f"{row['name']}.json").exists())

    def test_every_manifest_has_a_row_and_says_what_goes_wrong(self):
        names = {row["name"]: ("",) for row in rows()} | {row["name"]: ("-faulty", "-mended") for row in rows("schedulers.tsv")}
        for manifest in (KNOWN / "tests").iterdir():
            with self.subTest(manifest.name):
                self.assertIn(manifest.stem, names)
                lines = manifest.read_text().splitlines()
                self.assertTrue(all(line.startswith("// ") for line in lines[:3]) and not lines[3].startswith("//"))
                self.assertTrue(lines[2].startswith("// Shown by "))
                for end in names[manifest.stem]:
                    self.assertTrue(re.search(rf'"name": "{manifest.stem}{end}"', manifest.read_text()))

    def test_every_mistake_of_a_scheduler_says_where_it_was_told(self):
        for row in rows("schedulers.tsv"):
            with self.subTest(row["name"]):
                self.assertRegex(row["public"], r"^#[0-9]+$")
                self.assertTrue(row["seen"] and (KNOWN / "tests" / f"{row['name']}.json").exists())

    def test_names_are_there_once(self):
        names = [row["name"] for row in rows() + rows("schedulers.tsv")]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
