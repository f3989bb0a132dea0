"""A measured figure beside its goal, and beside the floor that it must not fall below."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure."""

    name: str
    value: float
    goal: float
    floor: float
    """What was reached before: a change that falls below it is a step back, though the goal may be far away."""
    at_most: bool = False
    """The smaller the better."""

    def reaches(self, wanted: float) -> bool:
        """Tell whether the figure is as good as `wanted`."""
        return self.value <= wanted if self.at_most else self.value >= wanted


def report(figures: list[Figure], *, floor: bool) -> int:
    """Print the figures; return 1 when one misses its goal, or with `floor` its floor."""
    for figure in figures:
        sign = "<=" if figure.at_most else ">="
        word = "reached" if figure.reaches(figure.goal) else "MISSED"
        print(f"{figure.name:44} {figure.value:9.4g}   goal {sign} {figure.goal:g}: {word}")
    fallen = [figure for figure in figures if not figure.reaches(figure.floor)]
    for figure in fallen:
        print(f"{figure.name}: worse than the {figure.floor:g} that was reached before")
    if floor:
        return int(bool(fallen))
    return int(not all(figure.reaches(figure.goal) for figure in figures))
