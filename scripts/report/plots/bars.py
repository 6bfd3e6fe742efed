"""A bar of parts in the colours of the verdicts: how many sets got which. Its numbers stand in words beside it."""

from scripts.verdicts.finding import LADDER


def bar(counts: dict[str, int] | int, most: int) -> str:
    """Return an SVG that is `most` wide, with a part for each verdict that was given; or one part for a number."""
    parts, left = [], 0
    told = [(verdict, counts[verdict]) for verdict in LADDER] if isinstance(counts, dict) else [("sets", counts)]
    for verdict, count in told:
        if count:
            parts.append(f'<path class="{verdict.replace(" ", "-")}" d="M{left} 0h{count}v1h-{count}z"/>')
            left += count
    return (
        f'<svg class="bar" viewBox="0 0 {most} 1" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )
