# SPDX-License-Identifier: Apache-2.0
"""What bench/noise says of its runs: how noisy they are, what goes with the host, and how gate fdr judges them with and without knowing it."""
import json
import math
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

METRICS = {"total_iterations": False, "iterations_per_cpu_sec": False, "worst_p99_wake_latency_us": True,  # lower is better?
           "worst_mean_run_delay_us": True, "worst_median_wake_latency_us": True}
FALSE_ALARMS = (5, 8, 10, 16, 32)  # pairs
LEVEL, POWER = 0.05 / 4, 0.8  # one-sided, as the first of four rows needs it


def normal_quantile(p):
    return statistics.NormalDist().inv_cdf(p)


def t_quantile(p, df):
    """Cornish and Fisher's expansion: three digits from 3 degrees of freedom on."""
    z = normal_quantile(p)
    return z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2) + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3)


def runs_needed(sd, shift, spent):
    """Pairs at which a t test with n - `spent` degrees of freedom shows `shift` with the usual power."""
    for n in range(spent + 3, 100_000):
        if n * shift**2 >= sd**2 * (t_quantile(1 - LEVEL, n - spent) + normal_quantile(POWER)) ** 2:
            return n
    return None


def share(run):
    """Of the CPU time that the guest wanted, what the host gave."""
    return run["timing"]["cpu_ran_ms"] / (run["timing"]["cpu_ran_ms"] + run["timing"]["cpu_waited_ms"])


def speed(run):
    """How fast a machine the host was to the guest, as the comparison tells it to gates."""
    return share(run) / min(run["timing"]["burst_before_us"], run["timing"]["burst_after_us"])


def blocks_of(runs, host, kind):
    """The runs of each whole block, by variant."""
    blocks = {}
    for run in runs:
        if run["host"] == host and run["kind"] == kind:
            blocks.setdefault((run["session"], run["block"]), {})[run["variant"]] = run
    return [block for _, block in sorted(blocks.items()) if len(block) == 5]


def known(blocks, metric):
    return all(run["stats"].get(metric, 0) > 0 for block in blocks for run in block.values())


def pairs_of(blocks, variant, metric, given=speed):
    """Log ratios of b over a, and of what the host gave; every block has two pairs with a changed variant."""
    pairs = []
    for block in blocks:
        for other in ("a",) if variant == "b" else ("a", "b"):
            after, before = block[variant], block[other]
            pairs.append((math.log(after["stats"][metric] / before["stats"][metric]), math.log(given(after) / given(before))))
    return pairs


def regression(pairs):
    """Standard deviation of the differences, their slope over that of the shares, and the deviation that is left."""
    n = len(pairs)
    d, x = [statistics.fmean(column) for column in zip(*pairs)]
    sxx, sdd = sum((b - x) ** 2 for _, b in pairs), sum((a - d) ** 2 for a, _ in pairs)
    sxd = sum((a - d) * (b - x) for a, b in pairs)
    slope = sxd / sxx
    return math.sqrt(sdd / (n - 1)), slope, math.sqrt(max(0.0, sdd - slope * sxd) / (n - 2))


def hosts_table(runs):
    print("| host | runs | blocks | load average | CPUs busy | of the host, guests got | between neighbours | best burst |\n|---|---:|---:|---:|---:|---:|---:|---:|")
    for host in sorted({run["host"] for run in runs}):
        ours = [run for run in runs if run["host"] == host]
        blocks = [block for kind in ("computing", "waking") for block in blocks_of(runs, host, kind)]
        ratios = [math.log(share(block["a"]) / share(block["b"])) for block in blocks]
        bursts = [run["timing"][name] for run in ours for name in ("burst_before_us", "burst_after_us") if run["timing"].get(name)]
        mean = [statistics.fmean(values) for values in ([run["load"] for run in ours], [run["busy"] for run in ours], [share(run) for run in ours], bursts or [0])]
        print(f"| {host} | {len(ours)} | {len(blocks) // 2} | {mean[0]:.1f} | {mean[1] * 100:.0f} % | {mean[2] * 100:.0f} % | "
              f"± {statistics.stdev(ratios) * 100:.0f} % | {mean[3]:.0f} us ± {statistics.pstdev(bursts or [0]):.0f} |")
    if min(run["load"] for run in runs) >= 1:
        print("\nNo run had a load average below 1: what is called *alone* was never idle, and an idle column is missing.")


def noise_table(runs):
    print("\n| host | guests | metric | noise of a pair | slope | levelled | by the share alone | pairs for 5, 10, 20 % | levelled | times |\n"
          "|---|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for host in sorted({run["host"] for run in runs}):
        for kind in ("computing", "waking"):
            blocks = blocks_of(runs, host, kind)
            for metric in METRICS:
                if len(blocks) < 4 or not known(blocks, metric):
                    continue
                left = {}
                for given in (share, speed):
                    pairs = []  # the planted change of each variant is a mean of its own
                    for variant in "bcde":
                        found = pairs_of(blocks, variant, metric, given)
                        centre = [statistics.fmean(column) for column in zip(*found)]
                        pairs += [(d - centre[0], x - centre[1]) for d, x in found]
                    sd, slope, left[given] = regression(pairs)
                shifts = [math.log(1 + percent / 100) for percent in (5, 10, 20)]
                plain, levelled = [runs_needed(sd, s, 1) for s in shifts], [runs_needed(left[speed], s, 2) for s in shifts]
                print(f"| {host} | {kind} | {metric} | {sd * 100:.1f} % | {slope:.2f} | {left[speed] * 100:.1f} % | {left[share] * 100:.1f} % | "
                      f"{', '.join(map(str, plain))} | {', '.join(map(str, levelled))} | {levelled[1] / plain[1]:.2f} |")


def planted_table(runs):
    """What the real changes measured. The work of an iteration is all that changed, so a computing guest completes 1 / 1.05 … of what it did."""
    print("\n| host | guests | planted | measured | when levelled |\n|---|---|---:|---:|---:|")
    for host in sorted({run["host"] for run in runs}):
        for kind in ("computing", "waking"):
            blocks = blocks_of(runs, host, kind)
            if len(blocks) < 4:
                continue
            for variant, planted in (("b", 0), ("c", 5), ("d", 10), ("e", 20)):
                pairs = pairs_of(blocks, variant, "total_iterations")
                sd, slope, left = regression(pairs)
                d, x = [statistics.fmean(column) for column in zip(*pairs)]
                root = math.sqrt(len(blocks))  # pairs of one block are not two
                print(f"| {host} | {kind} | {100 / (1 + planted / 100) - 100:+.1f} % | {math.expm1(d) * 100:+.0f} % ± {sd / root * 100:.0f} | "
                      f"{math.expm1(d - slope * x) * 100:+.0f} % ± {left / root * 100:.0f} |")


def unchanged(blocks):
    """The blocks' runs with what was planted taken out: logarithms of every metric less their variant's mean, and the speeds of their hosts."""
    metrics = [metric for metric in METRICS if known(blocks, metric)]
    means = {(variant, metric): statistics.fmean(math.log(block[variant]["stats"][metric]) for block in blocks) for variant in "abcde" for metric in metrics}
    return metrics, [[({metric: math.log(run["stats"][metric]) - means[variant, metric] for metric in metrics}, speed(run)) for variant, run in block.items()]
                     for block in blocks]


def family(source, metrics, blocks, shift, count, dice, told):
    """An invocation of `count` pairs: two runs of a block each, blocks drawn with replacement. HEAD completes e^-shift of the iterations."""
    rows = {metric: {"a": [], "b": [], "host_speed": {"a": [], "b": []}} for metric in metrics}
    for _ in range(count):
        for side, (values, given) in zip("ab", dice.sample(dice.choice(blocks), 2)):
            for metric, row in rows.items():
                row[side].append(math.exp(values[metric] - (shift if side == "b" and metric == "total_iterations" else 0)) * 1000)
                row["host_speed"][side].append(given)
    for metric, row in rows.items():
        row.update({"name": metric, "lower_is_better": METRICS[metric], "truth": "regress" if shift and metric == "total_iterations" else "null"})
        if not told:
            del row["host_speed"]
    return {"family": source, "source": source, "kind": "AB" if shift else "AA", "order": "ABBA pairs", "metrics": list(rows.values())}


def score(options, families, count):
    """What gate fdr makes of them, by source."""
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / "families.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in families))
        command = [options.ktstr, "gate", "score", str(file), "--gate", "fdr", "-N", str(count), "--rel", "2", "--json"]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return {source["source"]: source for source in json.loads(done.stdout)["gates"][0]["sources"]}


GRID = (8, 11, 16, 23, 32, 45, 64, 91, 128, 181)  # pairs


def sources(options, host, kind, metrics, blocks, percents, count):
    """Scores by planted percent and whether speeds were told; both judge the same draws."""
    families = []
    for percent in percents:
        for told in (False, True):
            for i in range(options.resamples):
                dice = random.Random(f"{host} {kind} {percent} {count} {i}")
                families.append(family(f"{percent} {int(told)}", metrics, blocks, math.log(1 + percent / 100), count, dice, told))
    found = score(options, families, count)
    return {(percent, told): found[f"{percent} {int(told)}"] for percent in percents for told in (False, True)}


def resampled_table(options, runs):
    print(f"\n{options.resamples} invocations a cell, their pairs drawn from the blocks, judged by gate fdr with a relative gate of 2 %: without the hosts' speeds / with them\n")
    print(f"| host | guests | red without a change, {' / '.join(map(str, FALSE_ALARMS))} pairs | the same with speeds | "
          "pairs for 80 %: 5 % | 10 % | 20 % |\n|---|---|---:|---:|---:|---:|---:|")
    for host in sorted({run["host"] for run in runs}):
        for kind in ("computing", "waking"):
            whole = blocks_of(runs, host, kind)
            if len(whole) < 4:
                continue
            metrics, blocks = unchanged(whole)
            alarms = [sources(options, host, kind, metrics, blocks, [0], count) for count in FALSE_ALARMS]
            cells = [" / ".join(f"{one[0, told]['false_red']:.3f}" for one in alarms) for told in (False, True)]
            needed = {}
            for count in GRID:
                left = [percent for percent in (5, 10, 20) if not {(percent, False), (percent, True)} <= set(needed)]
                found = sources(options, host, kind, metrics, blocks, left, count) if left else {}
                for key, result in found.items():
                    if result["recall"] >= POWER:
                        needed.setdefault(key, count)
            cells += [" / ".join(str(needed.get((percent, told), f"over {GRID[-1]}")) for told in (False, True)) for percent in (5, 10, 20)]
            print(f"| {host} | {kind} | {' | '.join(cells)} |", flush=True)
