"""The lessons as static pages: executed, with pictures and replays of the boards, in every language, offline."""
