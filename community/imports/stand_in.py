"""The stand-in for all whose account a source deleted, and for the source's own account.

What they wrote keeps its place beside what others wrote: an earlier answer stays the earlier
one. It is in no export, and as nobody claims it, nobody is shown what it earns.
"""

from typing import Final

# No id of a source looks like this.
STAND_IN: Final = "(deleted)"
