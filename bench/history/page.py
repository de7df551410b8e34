# SPDX-License-Identifier: Apache-2.0
"""The page of bench/history: text, tables and SVG plots of one document of `ktstr matrix --json`."""
import html
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# What is plotted and told of each test, the most telling first.
METRICS = {
    "timers_beside_hogs": ["worst_median_timer_latency_us", "worst_p99_timer_latency_us", "worst_timer_latency_us"],
    "pipes_two_llcs": ["total_iterations", "worst_p99_wake_latency_us", "total_migrations"],
    "requests_beside_hogs": ["wakeup_p99_latency_us_whole", "schbench_loop_count_whole", "worst_gap_ms"],
    "ten_on_four_cpus": ["worst_spread", "worst_gap_ms", "total_migrations"],
    "weights_three_to_one": ["heavy/iterations_per_worker", "worst_iterations_per_worker", "worst_gap_ms"],
    "forks_beside_hogs": ["forks/mean_run_delay_us", "hogs/iterations_per_worker", "worst_gap_ms"],
    "herd_of_seven": ["worst_median_wake_latency_us", "worst_p99_wake_latency_us", "total_migrations"],
}
COLOURS = {"improved": "#1a7f37", "regressed": "#cf222e"}
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 290, 170, 8, 44, 22


def short(kernel):
    """6.12 of 6.12.117."""
    return re.match(r"\d+\.\d+", kernel).group(0)


def number(value):
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g} M"
    if abs(value) >= 1e4:
        return f"{value / 1e3:.3g} k"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def shown(metric, value):
    unit = metric["unit"]
    if unit == "us" and value >= 1000:
        return number(value / 1000) + " ms"
    return number(value) + (f" {unit}" if unit and unit != "-" else "")


def chosen(test):
    by_name = {metric["metric"]: metric for metric in test["metrics"]}
    return [by_name[name] for name in METRICS.get(test["test"], []) if name in by_name] or test["metrics"][:3]


def panel(metric, kernels, x0):
    """One metric over the kernels: from zero, so that heights are shares; a point is filled where the gate tells a step."""
    values = [cell["value"] for cell in metric["cells"]]
    top = max([value for value in values if value is not None] or [1]) or 1
    step = (WIDTH - 2 * LEFT - 30) / max(len(values) - 1, 1)
    floor = TOP + HEIGHT - BOTTOM
    points = [(x0 + LEFT + 15 + i * step, floor - (HEIGHT - BOTTOM - 24) * value / top, metric["cells"][i], value)
              for i, value in enumerate(values) if value is not None]
    out = [f'<text x="{x0 + LEFT}" y="{TOP - 22}" class="name">{html.escape(metric["metric"])}</text>',
           f'<text x="{x0 + LEFT}" y="{TOP - 8}">{ {"lower": "lower is better", "higher": "higher is better"}.get(metric["better"], "") }</text>',
           f'<line x1="{x0 + LEFT}" y1="{floor}" x2="{x0 + WIDTH - LEFT}" y2="{floor}" stroke="#8c959f"/>',
           f'<polyline fill="none" stroke="#0969da" stroke-width="1.5" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in points)}"/>']
    for x, y, cell, value in points:
        outcome = cell["step"]["outcome"] if cell["step"] else ""
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4 if outcome in COLOURS else 2.5}" fill="{COLOURS.get(outcome, "#0969da")}">'
                   f"<title>{html.escape(shown(metric, value))}</title></circle>")
    for i, kernel in enumerate(kernels):
        out.append(f'<text x="{x0 + LEFT + 15 + i * step:.1f}" y="{floor + 14}" text-anchor="middle">{html.escape(short(kernel))}</text>')
    for x, y, cell, value in points:
        extreme = value in (min(p[3] for p in points), max(p[3] for p in points))
        if extreme:
            out.append(f'<text x="{x:.1f}" y="{y - 7:.1f}" text-anchor="middle" class="value">{html.escape(shown(metric, value))}</text>')
    return "\n".join(out)


def plot(test, kernels):
    metrics = chosen(test)
    width = WIDTH * len(metrics)
    body = "\n".join(panel(metric, kernels, i * WIDTH) for i, metric in enumerate(metrics))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT}" width="{width}" height="{TOP + HEIGHT}" role="img" '
            f'aria-label="{html.escape(test["test"])} over the kernels">\n'
            "<style>text{font:10px sans-serif;fill:#57606a}.name{font-weight:bold;font-size:11px;fill:#24292f}.value{fill:#24292f}</style>\n"
            f'<rect width="{width}" height="{TOP + HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n')


def table(test, kernels):
    """Values of the chosen metrics with the steps that the gate tells."""
    rows = ["| metric | " + " | ".join(short(kernel) for kernel in kernels) + " |", "|---|" + "---:|" * len(kernels)]
    for metric in chosen(test):
        cells = []
        for cell in metric["cells"]:
            text = "" if cell["value"] is None else shown(metric, cell["value"])
            step = cell["step"]
            if step and step["outcome"] in ("improved", "regressed") and step["relative"] is not None:
                text += f" ({step['relative']:+.0%} {'better' if step['outcome'] == 'improved' else 'worse'})"
            cells.append(text)
        rows.append(f"| `{metric['metric']}` | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def endings(test, kernels):
    lines = [f"- {kernel}: {ending['outcome']}" + (f": {ending['reason']}" if ending["reason"] else "")
             for kernel, ending in zip(kernels, test["endings"]) if ending["outcome"] != "passed"]
    return "\n".join(lines)


def steps_of(document):
    """Every step that the gate tells: size, test, metric, kernels."""
    kernels = [side["kernel"] for side in document["sides"]]
    found = []
    for test in document["tests"]:
        for metric in chosen(test):
            for at, cell in enumerate(metric["cells"]):
                step = cell["step"]
                if step and step["outcome"] in ("improved", "regressed") and step["relative"] is not None:
                    ratio = abs(1 + step["relative"])
                    found.append((max(ratio, 1 / ratio) if ratio else float("inf"), test, metric, kernels[step["from"]], kernels[at], step, at))
    return sorted(found, key=lambda one: -one[0])


def findings(document):
    lines = []
    for _, test, metric, before, after, step, at in steps_of(document)[:10]:
        values = metric["cells"][[side["kernel"] for side in document["sides"]].index(before)]["value"], metric["cells"][at]["value"]
        word = "better" if step["outcome"] == "improved" else "worse"
        lines.append(f"- **{short(before)} → {short(after)}, {test['test']}**: `{metric['metric']}` from {shown(metric, values[0])} to "
                     f"{shown(metric, values[1])}, {word}.")
    return "\n".join(lines) or "- No step is larger than the gates' limits."


def series_table(document):
    kernels = [side["kernel"] for side in document["sides"]]
    rows = ["| series | kernel | better | worse |", "|---|---|---:|---:|"]
    for at, kernel in enumerate(kernels):
        count = {"improved": 0, "regressed": 0}
        for _, _, _, _, after, step, _ in steps_of(document):
            if after == kernel:
                count[step["outcome"]] += 1
        rows.append(f"| {short(kernel)} | {kernel} | {count['improved'] if at else ''} | {count['regressed'] if at else ''} |")
    return "\n".join(rows)


def said_of(name):
    """The manifest's own first lines."""
    for file in sorted((ROOT / "bench/history/project/tests").glob("*.json")):
        text = file.read_text()
        if f'"name": "{name}"' in text:
            return " ".join(line[2:].strip() for line in text.splitlines() if line.startswith("//")), file.relative_to(ROOT)
    return "", None


def reading_of(day):
    """What somebody made of the figures of that day."""
    file = ROOT / f"bench/history/readings/{day}.md"
    return file.read_text() if file.exists() else ""


def write(file, document, day):
    kernels = [side["kernel"] for side in document["sides"]]
    plots = file.with_suffix("")
    plots.mkdir(parents=True, exist_ok=True)
    parts = [f"""# The default scheduler over Debian's kernels

What Linux's own scheduler does with the same work on every series that Debian has packages of, in virtual time: guests differ in nothing but
the kernel. Made by `bench/history/run` on {day}: {len(document['tests'])} tests, {document['runs']} runs each on each of {len(kernels)} kernels with as many seeds; values are
means over them, and steps are those that [`ktstr matrix`](matrix.md)'s gate {', '.join(document['gates'])} calls better or worse.

{series_table(document)}

Steps of the metrics below from the kernel before. The largest of them:

{findings(document)}

Red and green points are steps that the gate tells. A kernel differs from the one before in thousands of commits, and one topology and one load
show what they show: a step is where to look, not a verdict.

{reading_of(day)}"""]
    for test in document["tests"]:
        said, manifest = said_of(test["test"])
        plot_file = plots / f"{test['test']}.svg"
        plot_file.write_text(plot(test, kernels))
        parts.append(f"""## {test['test']}

{said} {f"([{manifest.name}](../{manifest}))" if manifest else ""}

![{test['test']} over the kernels]({plots.name}/{plot_file.name})

{table(test, kernels)}
""")
        if ended := endings(test, kernels):
            parts.append(ended + "\n")
    file.write_text("\n".join(parts))
