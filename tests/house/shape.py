#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""shape.py ROOT [--figures] holds every C and C++ file of ROOT to the shape that CONTRIBUTING.md promises: .clang-format is what the tree
looks like, no line over 110 columns, no file over 500 lines, no function over 70. --figures prints what they are instead."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

MOST_COLUMNS, MOST_LINES, MOST_IN_FUNCTION = 110, 500, 70
FOLDERS = ("host", "kit", "sdk", "plugins", "examples", "tests", "bench")
SOURCES = (".c", ".h", ".cpp", ".hpp")
NOT_A_FUNCTION = re.compile(r"^\s*(namespace|class|struct|enum|union|extern|#|//|\*)\b|=\s*\{$|R\"|^\s*[\])}]")
TABLE = re.compile(r"^ +(static |constexpr |inline )*(const |constexpr )[^()]*= ?\{+$")  # rows of data inside of a function, up to its };
FORMATTER = "14"  # the version Debian 12 has; others lay out differently


def sources(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SOURCES and "build" not in path.relative_to(root).parts:
                yield path


def table_lines(body):
    """How many lines of a function are rows of its tables."""
    count, at = 0, 0
    while at < len(body):
        if TABLE.match(body[at]):
            indent = len(body[at]) - len(body[at].lstrip(" "))
            end = next((i for i in range(at, len(body)) if re.match(" " * indent + r"\}+;", body[i]) or body[i].endswith("}};")), at)
            count += end - at
            at = end
        at += 1
    return count


def functions(lines):
    """(first line, length) of every function body, tables left out: in formatted code one starts where a line that is indented by nothing, or by two inside of
    a class, ends with {, and ends at the } with the same indentation."""
    at = 0
    while at < len(lines):
        line = lines[at]
        indent = len(line) - len(line.lstrip(" "))
        if indent in (0, 2) and line.endswith("{") and "(" in "".join(lines[max(0, at - 4):at + 1]) and not NOT_A_FUNCTION.search(line):
            end = next((i for i in range(at, len(lines)) if lines[i].startswith(" " * indent + "}")), at)
            start = at
            while start > 0 and lines[start - 1].strip() and not re.search(r"[;{}]$|^\s*//|^\s*#|:$", lines[start - 1]):
                start -= 1
            yield start + 1, end - start + 1 - table_lines(lines[start:end])
            at = end if indent == 0 else at
        at += 1


def raw_text(lines):
    """The numbers of lines inside of raw string literals, which nobody can break."""
    inside, numbers = None, set()
    for number, line in enumerate(lines, 1):
        if inside:
            numbers.add(number)
            if inside in line:
                inside = None
                line = line.split(')"', 1)[-1]
        if not inside:
            for match in re.finditer(r'R"(\w*)\(', line):
                end = f'){match[1]}"'
                numbers.add(number)
                if end not in line[match.end():]:
                    inside = end
    return numbers


def badly_formatted(paths):
    program = shutil.which(f"clang-format-{FORMATTER}") or shutil.which("clang-format")
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout if program else ""
    if f"version {FORMATTER}." not in version:
        return [f"clang-format {FORMATTER} is missing: run tools/setup"]
    names = [str(path) for path in paths]
    found = []
    processes = os.cpu_count() or 1
    running = [subprocess.Popen([program, "--dry-run", *names[i::processes]], stderr=subprocess.PIPE, text=True) for i in range(processes)]
    for process in running:
        found += [line for line in process.communicate()[1].splitlines() if "clang-format" in line]
    return sorted({line.split(":")[0] + ": is not as .clang-format has it: clang-format -i" for line in found})


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    os.chdir(root)
    paths = [path.relative_to(root) for path in sources(root)]
    problems, lengths, total, longest_file, wide = [], [], 0, (0, ""), 0
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        total += len(lines)
        longest_file = max(longest_file, (len(lines), str(path)))
        if len(lines) > MOST_LINES:
            problems.append(f"{path}: {len(lines)} lines; {MOST_LINES} are the most")
        unbreakable = raw_text(lines) if path.parts[0] == "tests" else set()
        for number, line in enumerate(lines, 1):
            if len(line) > MOST_COLUMNS and number not in unbreakable and not (path.parent / ".clang-format").exists():
                wide += 1
                problems.append(f"{path}:{number}: {len(line)} columns; {MOST_COLUMNS} are the most")
        for start, length in functions(lines):
            lengths.append((length, f"{path}:{start}"))
            if length > MOST_IN_FUNCTION:
                problems.append(f"{path}:{start}: a function of {length} lines; {MOST_IN_FUNCTION} are the most")
    if "--figures" in sys.argv:
        long = sum(length > MOST_IN_FUNCTION for length, _ in lengths)
        print(f"{len(paths)} files, {total} lines; the longest file is {longest_file[1]} with {longest_file[0]}")
        print(f"{len(lengths)} functions, {sum(length for length, _ in lengths) / len(lengths):.1f} lines on average; the longest is "
              f"{max(lengths)[1]} with {max(lengths)[0]}; {long} over {MOST_IN_FUNCTION}")
        print(f"{wide} lines over {MOST_COLUMNS} columns")
        return 0
    if len(paths) < 50:
        problems.append(f"only {len(paths)} files found below {root}: is that the right folder?")
    problems += badly_formatted(paths)
    print("\n".join(problems) or f"{len(paths)} files and {len(lengths)} functions keep their shape")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
