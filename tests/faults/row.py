"""What a campaign of faults counts."""

from dataclasses import dataclass, field


@dataclass
class Row:
    """One kind of fault: how many were injected, and what became of them. A line of docs/reliability.md.

    A fault is survived if the run that it struck ended well, or ended with one line that says what is wrong, and if the
    next good run left the reference bytes. `lost`, `half` and `stale` count files: those that were there before and
    should have stayed, those that are neither whole nor absent, and those that a run that says it is done left with
    other bytes than the reference's.
    """

    fault: str
    injected: int = 0
    survived: int = 0
    lost: int = 0
    half: int = 0
    stale: int = 0
    seen: list[str] = field(default_factory=list)  # a line for each that was not survived: which, and what was seen

    def count(self, where: str, *, said: str = "", lost: int = 0, half: int = 0, stale: int = 0) -> None:
        """Add one fault. `where` names it, to inject it again; `said`: what was wrong with how it ended."""
        self.injected += 1
        self.lost, self.half, self.stale = self.lost + lost, self.half + half, self.stale + stale
        if said or lost or half or stale:
            self.seen.append(f"{where}: {said or f'{lost} lost, {half} half, {stale} stale'}")
        else:
            self.survived += 1
