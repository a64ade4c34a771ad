"""The line under the sliders: it folds the map's settings away and gives the board's link; the page does both by itself."""

from __future__ import annotations

from traitlets import Bool, Unicode

from tltutor.views.channel import Channel


class FootView(Channel):
    """`link` is what "Copy link" copies; where it is empty, `reason` says why. folds, links: which of the two chips there are.

    unfolded: whether the map's settings are unfolded, which the page says and a page that opens again takes over.
    """

    link = Unicode("").tag(sync=True)
    reason = Unicode("").tag(sync=True)
    unfolded = Bool(False).tag(sync=True)
    folds = Bool(True).tag(sync=True)
    links = Bool(True).tag(sync=True)

    def show(self, link: str, reason: str = "") -> None:
        """The link as it is now, or why there is none."""
        with self.hold_sync():
            self.link, self.reason = link, reason
