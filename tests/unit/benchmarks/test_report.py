"""The page shows medians with their spreads, reasons in place of refused figures, and promises beside figures."""

from __future__ import annotations

from benchmarks.report import figures_table, page, steps_table, targets_table
from benchmarks.results import Results
from benchmarks.samples import Refusal, Samples
from benchmarks.workloads.workload import Target, Workload

ENTRY = {
    "date": "2026-11-23",
    "machine": {
        "processor": "EPYC",
        "cores": "2",
        "memory": "24 GiB",
        "system": "Linux 6",
        "python": "CPython 3.11",
    },
    "versions": {"assetflow": "0.1.0"},
    "noise": {
        "loop": {"median": 0.1, "least": 0.1, "most": 0.15, "count": 9},
        "load": {"median": 0.5, "least": 0.1, "most": 1.0, "count": 9},
    },
}
COLD = Target("cold", lambda samples: samples.numbers("cold", "ours", "wall"), at_most=2.0, unit="s")


def numbers(*walls: float, **more: float):
    return {
        place: {"wall": wall, "cpu": wall, "peak": 2e6, "tree": 3e6, "ran": 4, **more}
        for place, wall in enumerate(walls)
    }


def workload(*targets: Target) -> Workload:
    return Workload("W0", "title", "About it.", "plain", lambda _f, _n: (), targets, shows_functions=True)


def test_a_row_gives_median_spread_ratio_memory_and_functions():
    samples = Samples({("cold", "ours"): numbers(2.0, 3.0, 4.0), ("cold", "plain"): numbers(1.0, 1.0, 1.0)})

    rows = steps_table(workload(), samples).splitlines()

    assert rows[2] == "| cold | ours | 3.00 [2.00 - 4.00] | 3.00 | 3 | 2 | 3 | 4 | 3 |"
    assert rows[3] == "| cold | plain | 1.00 | 1.00 |  | 2 | 3 | 4 | 3 |"


def test_a_refused_step_shows_its_reason_and_no_figure():
    samples = Samples({("cold", "ours"): numbers(2.0)}, (Refusal("cold", "ours", "sum | wrong"),))

    assert "| cold | ours | refused: sum / wrong |" in steps_table(workload(), samples)


def test_promises_are_kept_broken_or_not_measured():
    def kept(samples: Samples) -> str:
        return targets_table([(workload(), COLD, samples)]).splitlines()[2].split("|")[-2].strip()

    assert kept(Samples({("cold", "ours"): numbers(1.0, 1.5, 9.0)})) == "yes"
    assert kept(Samples({("cold", "ours"): numbers(2.5)})) == "**no**"
    assert kept(Samples({})) == "not measured"


def test_an_exact_promise_is_broken_by_less_and_by_more():
    exactly = Target("ran", lambda _samples: [], at_most=1, at_least=1)

    assert [exactly.met_by(number) for number in (0, 1, 2)] == [False, True, False]


def test_what_a_process_measured_itself_is_shown_by_step_or_group():
    samples = Samples({("plan", "ours"): {0: {"wall": 1.0, "plan s": 0.25, "strings: ratio": 2.0}}})

    rows = figures_table(samples).splitlines()

    assert rows[0] == "| measured by itself | subject | plan s | ratio |"
    assert rows[2:] == ["| plan | ours | 0.250 |  |", "| strings | ours |  | 2 |"]


def test_the_page_tells_the_machine_and_its_noise():
    samples = Samples({("cold", "ours"): numbers(1.0)})

    text = page([(workload(COLD), {**ENTRY, **samples.to_json()})])

    assert "2 cores of EPYC, 24 GiB, Linux 6, CPython 3.11; assetflow 0.1.0" in text
    assert "50 % apart" in text


def test_measuring_one_workload_again_leaves_the_others(tmp_path):
    file = tmp_path / "results.json"
    first, again = (Samples({("cold", "ours"): numbers(wall)}) for wall in (1.0, 2.0))
    Results(file).put("W1", first, ENTRY)
    Results(file).put("W2", first, ENTRY)
    Results(file).put("W1", again, ENTRY)

    entries = Results(file).entries

    assert Samples.from_json(entries["W1"]) == again
    assert Samples.from_json(entries["W2"]) == first
