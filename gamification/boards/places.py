"""Places on a board: 1 + how many have more points. Equal points share a place."""

from collections.abc import Sequence
from typing import Final

# Who is below is shown only if at least so many follow: nobody is shown as last.
ENOUGH_FOLLOW: Final = 5


def places(points: Sequence[int], above: int, through: int) -> list[int]:
    """The places of neighbours in a board, from most points to fewest.

    `above` are those on the whole board with more points than the first of them, `through`
    those with as many or more: ties may begin before this part.
    """
    found: list[int] = []
    for index, mine in enumerate(points):
        if mine == points[0]:
            found.append(above + 1)
        elif mine == points[index - 1]:
            found.append(found[-1])
        else:
            ties = points.count(points[0])
            found.append(through + 1 + index - ties)
    return found
