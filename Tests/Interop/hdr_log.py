# SPDX-License-Identifier: Apache-2.0
"""Compares a histogram log with the result of the same run."""

import json
import math
import sys

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

HOUR = 3_600_000_000
PERCENTILES = [p / 10 for p in range(0, 1000)] + [99.91, 99.95, 99.99, 99.999, 100]


def decoded(times):
    return HdrHistogram.decode(times["hdr"].encode()) if times else HdrHistogram(1, HOUR, 3)


def read(path):
    """All rows of each tag, added up; '' for those without one."""
    sums = {}
    reader = HistogramLogReader(path, HdrHistogram(1, HOUR, 3))
    while True:
        histogram = reader.get_next_interval_histogram()
        if histogram is None:
            return sums
        tag = histogram.get_tag() or ""
        sums.setdefault(tag, HdrHistogram(1, HOUR, 3)).add(histogram)


def compare(name, ours, theirs):
    assert ours.get_total_count() == theirs.get_total_count(), name
    for percentile in PERCENTILES:
        a = ours.get_value_at_percentile(percentile)
        b = theirs.get_value_at_percentile(percentile)
        assert a == b, f"{name}: {percentile} % is {a} in the log, {b} in the result"


def at_rank(histogram, percentile):
    """As Java and C have it: hdrh rounds the rank where they take the next whole one."""
    share = math.nextafter(percentile, 0) * histogram.get_total_count() / 100
    wanted, seen = max(1, math.ceil(share)), 0
    for item in histogram.get_recorded_iterator():
        seen += item.count_at_value_iterated_to
        if seen >= wanted:
            return item.value_iterated_to
    return 0


def printed(times):
    """The percentiles that result.json prints, against those of its histogram."""
    histogram = decoded(times)
    for key, percentile in [("median_s", 50), ("p95_s", 95), ("p99_s", 99), ("p999_s", 99.9)]:
        value = at_rank(histogram, percentile)
        longest = round(times["max_s"] * 1e6)
        assert abs(min(value, longest) - round(times[key] * 1e6)) <= 1, key


def java(path, result):
    with open(path) as file:
        rows = [line.split() for line in file if line.strip() and line.lstrip()[0].isdigit()]
    histogram = decoded(result["total"]["response"])
    for value, percentile, count, *_ in rows:
        ours = at_rank(histogram, float(percentile) * 100)
        assert ours == round(float(value)), (value, percentile, ours)
    assert int(rows[-1][2]) == result["total"]["response"]["count"]
    print(f"Java's processor agrees on {len(rows)} percentiles")


def main():
    log, path = sys.argv[-2:]
    with open(path) as file:
        result = json.load(file)
    if sys.argv[1] == "--java":
        return java(log, result)
    sums = read(log)
    compare("all", sums[""], decoded(result["total"]["response"]))
    rows = 0
    for row in result["tasks"]:
        if row["response"]:
            compare(row["name"], sums[row["name"]], decoded(row["response"]))
            printed(row["response"])
            rows += 1
    if result["total"]["failed"]:
        compare("failed", sums["failed"], decoded(result["total"]["failed"]))
    count = sums[""].get_total_count()
    print(f"hdrh agrees on {len(PERCENTILES)} percentiles of {count} successes and {rows} steps")


main()
