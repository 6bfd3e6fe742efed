"""Sum up what became of random answers of which the truth is known."""

from collections import Counter

from scripts.verdicts.finding import HOLDS, REFUTED


def summed(rows: list[dict], truth: str) -> dict:
    """Count the verdicts on answers that are all right, or all wrong, and pick those that were misjudged."""
    bad = HOLDS if truth == "wrong" else (REFUTED,)
    return {
        "tried": len(rows),
        "verdicts": dict(sorted(Counter(row["verdict"] for row in rows).items())),
        "misjudged": [row for row in rows if row["verdict"] in bad],
    }


def report(found: dict, what: str) -> str:
    """Say the counts, and the first answers that were misjudged."""
    lines = []
    for truth, counts in found.items():
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts["verdicts"].items())
        lines.append(f"{counts['tried']} {truth} {what}: {told or 'none'}")
        lines += [
            f"  misjudged: {row['problem']}: {row['stated']}: {row['verdict']}" for row in counts["misjudged"][:20]
        ]
    return "\n".join(lines)
