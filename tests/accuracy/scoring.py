"""How found events are held against a table: one to one, nearest first, within a tolerance."""

from dataclasses import dataclass, field

LAUNCH_AND_END = ("launch", "end")


@dataclass(frozen=True)
class Row:
    """One event of the reference: an instrument's table or a simulator's truth."""

    distance_m: float
    loss_db: float
    reflective: bool
    template: bool = False
    """A row of 0.000 dB without reflectance: neither wanted nor counted against."""
    detectable: bool = True


@dataclass
class Score:
    """What became of the events of one trace or of many."""

    wanted: int = 0
    matched_wanted: int = 0
    found: int = 0
    right: int = 0
    loss_errors_db: list[float] = field(default_factory=list)
    """Of matched non-reflective rows: found minus table."""
    position_errors_m: list[float] = field(default_factory=list)
    ends: int = 0
    ends_right: int = 0
    missed: list[Row] = field(default_factory=list)
    extra_m: list[float] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        """Pool another score into this one."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    @property
    def recall(self) -> float:
        """Return the share of wanted rows that were found; 1.0 where nothing is wanted."""
        return self.matched_wanted / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """Return the share of found events that stand in the table; 1.0 where nothing was found."""
        return self.right / self.found if self.found else 1.0


def match(found_m: list[float], wanted_m: list[float], tolerance_m: float) -> list[tuple[int, int]]:
    """Return index pairs (found, wanted), one to one, the nearest first."""
    pairs = sorted(
        (abs(a - b), i, j) for i, a in enumerate(found_m) for j, b in enumerate(wanted_m) if abs(a - b) <= tolerance_m
    )
    taken_found: set[int] = set()
    taken_wanted: set[int] = set()
    result = []
    for _distance, i, j in pairs:
        if i not in taken_found and j not in taken_wanted:
            taken_found.add(i)
            taken_wanted.add(j)
            result.append((i, j))
    return result


def score_events(found: list[tuple[float, float | None]], rows: list[Row], tolerance_m: float) -> Score:
    """Score found events (distance, loss) against the rows; launch and end left out on both sides already."""
    pairs = match([distance_m for distance_m, _loss in found], [row.distance_m for row in rows], tolerance_m)
    score = Score()
    matched = {j for _i, j in pairs}
    template = {i for i, j in pairs if rows[j].template}
    right = {i for i, j in pairs if not rows[j].template}
    score.wanted = sum(row.detectable and not row.template for row in rows)
    score.matched_wanted = sum(rows[j].detectable and not rows[j].template for j in matched)
    score.found = len(found) - len(template)
    score.right = len(right)
    score.missed = [row for j, row in enumerate(rows) if j not in matched and row.detectable and not row.template]
    score.extra_m = [distance_m for i, (distance_m, _loss) in enumerate(found) if i not in right | template]
    for i, j in pairs:
        loss_db = found[i][1]
        if not rows[j].template:
            score.position_errors_m.append(found[i][0] - rows[j].distance_m)
            if not rows[j].reflective and loss_db is not None:
                score.loss_errors_db.append(loss_db - rows[j].loss_db)
    return score
