#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""history.py ROOT: the page of bench/history, made of a document that ktstr matrix could print."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(sys.argv[1])


def cell(value, step=None):
    return {"value": value, "runs": 5, "best": False, "worst": False, "step": step}


def step(outcome, relative):
    return {"from": 0, "outcome": outcome, "counts": True, "relative": relative, "p_value": None, "q_value": None, "text": ""}


def document():
    metrics = [
        {"metric": "total_iterations", "unit": "-", "better": "higher", "cells": [cell(20000), cell(10000, step("regressed", -0.5))]},
        {"metric": "worst_p99_wake_latency_us", "unit": "us", "better": "lower", "cells": [cell(100), cell(2500, step("regressed", 24))]},
        {"metric": "total_migrations", "unit": "-", "better": "lower", "cells": [cell(0), cell(None)]},
        {"metric": "not_chosen", "unit": "-", "better": "lower", "cells": [cell(1), cell(9, step("regressed", 8))]},
    ]
    ending = {"outcome": "passed", "reason": None}
    return {"runs": 5, "gates": ["threshold"], "sides": [{"kernel": "6.1.0"}, {"kernel": "6.12.117"}],
            "tests": [{"test": "pipes_two_llcs", "topology": "1n2l2c1t", "endings": [ending, {"outcome": "failed", "reason": "a <reason>"}],
                       "metrics": metrics},
                      {"test": "with <markup> & more", "topology": "1n1l1c1t", "endings": [ending, ending],
                       "metrics": [{"metric": "a<b", "unit": "-", "better": "neither", "cells": [cell(1), cell(1)]}]}]}


class Page(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.folder = pathlib.Path(self.directory.name)

    def make(self, kept):
        (self.folder / "kept.json").write_text(kept)
        return subprocess.run([ROOT / "bench/history/run", "--only-read", self.folder / "kept.json", "--page", self.folder / "page.md"],
                              capture_output=True, text=True, check=False)

    def test_says_what_was_measured_and_the_largest_steps_first(self):
        done = self.make(json.dumps({"day": "2026-01-01", "matrix": document()}))
        self.assertEqual(done.returncode, 0, done.stderr)
        text = (self.folder / "page.md").read_text()
        self.assertIn("on 2026-01-01: 2 tests, 5 runs each on each of 2 kernels", text)
        self.assertIn("| 6.12 | 6.12.117 | 0 | 2 |", text)
        told = re.findall(r"^- \*\*.*$", text, re.MULTILINE)
        self.assertEqual(len(told), 2, "of the chosen metrics alone")
        self.assertIn("`worst_p99_wake_latency_us` from 100 us to 2.5 ms, worse.", told[0])
        self.assertIn("| `total_iterations` | 20 k | 10 k (-50% worse) |", text)
        self.assertIn("6.12.117: failed: a <reason>", text)

    def test_plots_are_svg_whatever_the_names(self):
        self.assertEqual(self.make(json.dumps({"day": "2026-01-01", "matrix": document()})).returncode, 0)
        plots = sorted((self.folder / "page").glob("*.svg"))
        self.assertEqual(len(plots), 2)
        for plot in plots:
            root = xml.etree.ElementTree.parse(plot).getroot()
            self.assertTrue(root.tag.endswith("svg"))
        self.assertEqual(plots[0].read_text().count("<circle"), 5, "a point for each value")
        self.assertEqual(plots[0].read_text().count("#cf222e"), 2, "the steps that are worse")

    def test_a_file_that_is_none_is_refused(self):
        of_other_sides = document()
        of_other_sides["tests"][0]["metrics"][0]["cells"].pop()
        outside = document()
        outside["tests"][0]["test"] = "../outside"
        for text in ("", "{}", '{"day": "2026-01-01", "matrix": 3}', json.dumps({"day": "d", "matrix": of_other_sides}),
                     json.dumps({"day": "d", "matrix": outside})):
            done = self.make(text)
            self.assertEqual(done.returncode, 2, text)
            self.assertIn("history: error:", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
