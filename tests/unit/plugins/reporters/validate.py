#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""validate.py VALIDATOR REPORTS SCHEMAS holds what the reporters wrote to REPORTS against a program that reads the format. Exit code 77: that
program is not installed (tools/setup installs it). Debian's own python3, which sees Debian's modules."""
import json
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77


def missing(what):
    print(f"SKIPPED: {what} is not installed: run tools/setup")
    sys.exit(SKIPPED)


def program(name):
    return shutil.which(name) or missing(name)


def files(reports, pattern, least):
    found = sorted(reports.glob(pattern))
    if len(found) < least:
        sys.exit(f"only {len(found)} files match {reports}/{pattern}: did reporters-test run?")
    return found


def run(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace")
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {result.returncode}\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
    return result.stdout


def junit_schema(reports, schemas):
    xmllint = program("xmllint")
    for file in files(reports, "junit/*.xml", 6):
        dialect = file.name.split(".")[-2]
        run(xmllint, "--noout", "--huge", "--schema", schemas / f"junit/junit-{dialect}.xsd", file)


def junit_parser(reports, _):
    try:
        import junitparser
    except ImportError:
        missing("python3-junitparser")
    for file in files(reports, "junit/*.xml", 6):
        suites = list(junitparser.JUnitXml.fromfile(str(file)))
        cases = [case for suite in suites for case in suite]
        counted = sum(suite.failures for suite in suites), sum(suite.errors for suite in suites), sum(suite.skipped for suite in suites)
        seen = [sum(any(isinstance(result, kind) for result in case.result) for case in cases)
                for kind in (junitparser.Failure, junitparser.Error, junitparser.Skipped)]
        if tuple(seen) != counted or sum(suite.tests for suite in suites) != len(cases):
            sys.exit(f"{file}: the attributes say {counted}, there are {seen} of {len(cases)}")
        names = [(case.classname, case.name) for case in cases]
        if len(set(names)) != len(names):
            sys.exit(f"{file}: two cases of one name")


def json_schema(folder, schema):
    def validate(reports, schemas):
        try:
            import jsonschema
        except ImportError:
            missing("python3-jsonschema")
        rules = jsonschema.Draft7Validator(json.loads((schemas / schema).read_text()))
        for file in files(reports, f"{folder}/*.json", 3):
            for problem in rules.iter_errors(json.loads(file.read_bytes().decode("utf-8"), parse_constant=lambda name: sys.exit(f"{file}: {name}"))):
                sys.exit(f"{file}: {list(problem.path)}: {problem.message[:300]}")
    return validate


def html_is_xml(reports, _):
    xmllint = program("xmllint")
    for file in files(reports, "html/*.html", 6):
        run(xmllint, "--noout", "--huge", "--nonet", file)


def prove(reports, _):
    tool = program("prove")
    for file in files(reports, "tap/*.tap", 6):
        result = subprocess.run([tool, "-e", "cat", str(file)], capture_output=True, text=True, errors="replace")
        red = file.name.endswith(".red.tap")
        if (result.returncode != 0) != red or "Parse errors" in result.stdout + result.stderr:
            sys.exit(f"{file}: prove ended with {result.returncode}\n{result.stdout[-2000:]}{result.stderr[-2000:]}")


def open_metrics(reports, _):
    try:
        from prometheus_client.openmetrics import parser
    except ImportError:
        missing("python3-prometheus-client")
    for file in files(reports, "openmetrics/*.txt", 3):
        if not list(parser.text_string_to_metric_families(file.read_bytes().decode("utf-8"))):
            sys.exit(f"{file}: nothing in it")


VALIDATORS = {"junit-schema": junit_schema, "junit-parser": junit_parser, "html-is-xml": html_is_xml, "tap-prove": prove, "open-metrics": open_metrics,
              "gitlab-schema": json_schema("codequality", "gitlab/code-quality.schema.json"),
              "kcidb-schema": json_schema("kcidb", "kcidb/kcidb.schema.json"),
              "benchmark-schema": json_schema("benchmark", "perf_feed/benchmark.schema.json"),
              "bmf-schema": json_schema("bmf", "perf_feed/bmf.schema.json")}


def main():
    VALIDATORS[sys.argv[1]](pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    print(f"{sys.argv[1]}: valid")


if __name__ == "__main__":
    main()
