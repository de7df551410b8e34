#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""axe.py REPORTS WORK holds the pages that the reporters wrote to REPORTS/html against axe in Chromium, wide and at 390 px, light, dark and as they
are printed: no violation, and nothing that is wider than the page. Of thousands of rows the first forty are looked at. axe-core is fetched by npm into WORK once. Exit code 77: Chromium or npm is not
there."""
import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

AXE = "axe-core@4.10.3"
SKIPPED = 77
WIDTHS = {"1280 px": 1280, "390 px": 390, "print": 718}  # 718 px: A4 within Chromium's margins
MOST_ROWS = 40  # of a table: axe takes minutes for thousands, and those that follow are of the same kinds
ASK = """axe.run().then(found => { const root = document.documentElement;
  parent.postMessage([document.title, {
    violations: found.violations.map(one => [one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 200))]),
    passes: found.passes.length, wide: [root.scrollWidth, window.innerWidth]}], '*'); });"""
HEAR = """const all = {}; addEventListener('message', event => { all[event.data[0]] = event.data[1];
  document.getElementById('said').textContent = JSON.stringify(all); });"""


def skip(what):
    print(f"SKIPPED: {what}")
    sys.exit(SKIPPED)


def axe_source(work):
    package = work / "axe/package"
    if not (package / "axe.min.js").exists():
        npm = shutil.which("npm") or skip("npm is not installed: apt-get install npm")
        package.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([npm, "pack", "--silent", AXE], cwd=package.parent, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            skip(f"npm cannot fetch {AXE}: {done.stderr.strip()[-300:]}")
        shutil.unpack_archive(package.parent / done.stdout.split()[-1], package.parent)
    return (package / "axe.min.js").read_text(encoding="utf-8")


def first_rows(page):
    """The page with the first rows of each table."""
    return re.sub(r"<tbody>.*?</tbody>", lambda body: "<tr".join(body[0].split("<tr")[:MOST_ROWS + 1]).removesuffix("</tbody>") + "</tbody>", page,
                  flags=re.DOTALL)


def look(chromium, pages, axe, place, dark):
    """What axe says of each page at each width, by (page, way). They are shown in frames, because no window is less than 500 px wide, and with axe in
    them: a page of ours lets no script run."""
    frames = []
    for page in pages:
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", first_rows(page.read_text(encoding="utf-8", errors="replace")))
        for way, width in WIDTHS.items():
            name = f"{page.name}, {way}"
            copy = place / f"{len(frames)}.html"
            shown = text.replace("@media print{", "@media all{") if way == "print" else text
            copy.write_text(f"{shown}\n<script>{axe}</script><script>document.title = {json.dumps(name)}; {ASK}</script>\n", encoding="utf-8")
            frames.append(f'<iframe src="{copy.name}" width="{width}" height="2000"></iframe>')
    outer = place / "all.html"
    outer.write_text(f'<!DOCTYPE html><html><body><pre id="said"></pre><script>{HEAR}</script>{"".join(frames)}</body></html>', encoding="utf-8")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={place}/user", "--window-size=1400,2000",
               "--virtual-time-budget=100000", "--dump-dom"]
    if dark:
        options.append("--blink-settings=preferredColorScheme=0")
    done = subprocess.run([chromium, *options, outer.as_uri()], capture_output=True, text=True, errors="replace", timeout=600, check=False)
    said = re.search(r'<pre id="said">(\{.*?\})</pre>', done.stdout, re.DOTALL)
    found = json.loads(html.unescape(said[1])) if said else {}
    if len(found) != len(frames):
        sys.exit(f"axe spoke of {len(found)} of {len(frames)} pages; chromium ended with {done.returncode}: {done.stderr[-1000:]}")
    return found


def main():
    reports, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or skip("there is no Chromium: apt-get install chromium")
    axe = axe_source(work)
    pages = sorted((reports / "html").glob("*.html"))
    if len(pages) < 6:
        sys.exit(f"only {len(pages)} pages in {reports}/html: did reporters-test run?")
    problems = []
    for dark in (False, True):
        with tempfile.TemporaryDirectory(dir=work) as place:
            for name, said in look(chromium, pages, axe, pathlib.Path(place), dark).items():
                name += ", dark" if dark else ""
                problems += [f"{name}: {rule}: {nodes}" for rule, nodes in said["violations"]]
                if said["passes"] < 5:
                    problems.append(f"{name}: axe looked at {said['passes']} rules only")
                if said["wide"][0] > said["wide"][1]:
                    problems.append(f"{name}: {said['wide'][0]} px wide on a page of {said['wide'][1]} px")
    print("\n".join(problems) or f"{len(pages)} pages, {', '.join(WIDTHS)}, light and dark: no violation")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
