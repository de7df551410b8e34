#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""corpus.py SCHEMA CORPUS holds a schema to the corpus that the reader's unit test reads: what is in accepted.json is valid, what is in
refused.json is not. What needs more than a schema to be refused (refused_by_the_reader.json) is valid too."""
import json
import pathlib
import sys

import jsonschema


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    problems, count = [], 0
    for name, valid in (("accepted", True), ("refused", False), ("refused_by_the_reader", True)):
        for row in json.loads((pathlib.Path(sys.argv[2]) / f"{name}.json").read_text(encoding="utf-8")):
            count += 1
            (document,) = (value for key, value in row.items() if key not in ("what", "layer"))
            if validator.is_valid(document) != valid:
                why = [error.message[:150] for error in validator.iter_errors(document)]
                problems.append(f"{name}: {row['what']}: the schema {'refuses' if valid else 'accepts'} it {why}")
    print("\n".join(problems) or f"{count} documents are judged as the reader judges them")
    return 1 if problems else 0


sys.exit(main())
