#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps the sidecar's schema and its writers together.

  sidecar_schema.py SCHEMA --runner FILE...           what a runner hands over: complete but for what the host fills in
  sidecar_schema.py SCHEMA FILE...                    sidecars as they are stored
"""
import json
import sys

import jsonschema

# What the host adds; the runner leaves null.
HOSTS = {"project_commit": "73730e0", "project_commit_full": "7" * 40, "kernel_commit": None, "kernel_commit_full": None, "run_id": "20260704T214100Z-0",
         "timestamp": "2026-07-04T21:41:43Z", "run_source": "local", "host": {}, "host_before": {}, "perf_delta": None}

# All that a runner has to say.
LEAST = ("test_name", "topology", "scheduler", "passed", "skipped", "stats", "work_type")


def unknown_keys(value, schema, where):
    """Keys that a writer has and the schema does not."""
    if isinstance(value, dict) and "properties" in schema:
        for key, inner in value.items():
            if key not in schema["properties"]:
                if isinstance(schema.get("additionalProperties"), dict):  # names are the writer's
                    continue
                yield f"{where}.{key}: not in the schema"
            else:
                yield from unknown_keys(inner, schema["properties"][key], f"{where}.{key}")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for i, inner in enumerate(value):
            yield from unknown_keys(inner, schema["items"], f"{where}[{i}]")


def check_sidecar(schema, path, runner):
    with open(path, encoding="utf-8") as file:
        sidecar = json.load(file)
    problems = []
    if runner:
        for key, value in HOSTS.items():
            if sidecar.get(key, "absent") is not None:
                problems.append(f"{path}: {key}: a runner leaves it null")
            sidecar[key] = value
    problems += [f"{path}: {'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in jsonschema.Draft7Validator(schema).iter_errors(sidecar)]
    if runner:
        least = {key: sidecar[key] for key in LEAST} | {"stats": {}, "kernel_label": None} | HOSTS
        problems += [f"{path}: cut down to what is needed: {e.message[:200]}" for e in jsonschema.Draft7Validator(schema).iter_errors(least)]
    problems += unknown_keys(sidecar, schema, path)
    if list(sidecar) != [key for key in schema["properties"] if key in sidecar]:
        problems.append(f"{path}: keys are not in the schema's order")
    return problems


def main(arguments):
    with open(arguments[0], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    runner = arguments[1] == "--runner"
    problems = [p for path in arguments[2 if runner else 1:] for p in check_sidecar(schema, path, runner)]
    print("\n".join(problems) or "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
