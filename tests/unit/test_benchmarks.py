"""The report of the benchmarks says what was measured."""

import bench_lesson
import pytest
import report


@pytest.fixture
def lesson():
    """Made-up times of a lesson with two sections: the plain way takes 12 s, ours 3 s."""
    sections = {"imports": {"wall": 1.0, "cpu": 2.0}, "digits": {"wall": 8.0, "cpu": 10.0}}
    quarter = {name: {k: v / 4 for k, v in run.items()} for name, run in sections.items()}
    return {
        "plain": {"sections": sections, "peak": 6000.0},
        "ours": {"sections": quarter, "peak": 1000.0},
    }


def test_a_lesson_is_summed_and_compared(lesson):
    rows = {name: numbers for name, *numbers in bench_lesson.rows(lesson)}
    assert rows["digits"] == ["8.0", "10.0", "2.0", "2.5", "4.0×"]
    assert rows["together"] == ["9.0", "12.0", "2.2", "3.0", "4.0×"]
    assert rows["peak memory, MiB"] == ["", "6,000", "", "1,000", "6.0×"]


def test_the_report_says_which_trainings_were_scaled(lesson):
    text = report.report_lesson(lesson)
    assert "six of them make a tenth" in text
    assert "| together | 9.0 | 12.0 | 2.2 | 3.0 | 4.0× |" in text
    assert "Left out" in report.report_lesson(None)


def test_networks_of_the_moons_have_the_widths_they_are_named_for():
    for recipe in bench_lesson.MOONS.values():
        model = bench_lesson.moons_model(**recipe)
        assert [w.shape[-1] for w in model.get_weights()] == [recipe["width"]] * 2 + [1, 1]


def test_scaled_trainings_take_what_the_full_one_took_times_their_number(monkeypatch):
    """Each fit costs 100 and 1 for every update: scaling gives what running all would take."""
    updates = []

    class Model:
        def fit(self, *_, epochs, **__):
            updates.append(epochs)

    monkeypatch.setattr(bench_lesson, "moons_model", lambda **_: Model())
    monkeypatch.setattr(bench_lesson, "boundary_plain", lambda model: None)

    def timed(work):
        before = len(updates)
        work()
        cost = sum(100.0 + n for n in updates[before:])
        return {"wall": 2 * cost, "cpu": cost}

    monkeypatch.setattr(bench_lesson, "timed", timed)
    full = bench_lesson.moons_plain(full=True)["moons, trainings"]
    assert full == {"wall": 72_800.0, "cpu": 36_400.0}
    updates.clear()
    assert bench_lesson.moons_plain(full=False)["moons, trainings"] == pytest.approx(full)
    assert sum(updates) == 7 * 500 + 4_500
