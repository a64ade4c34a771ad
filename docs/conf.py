"""How Sphinx makes the site; `docs/make.py` prepares what it reads."""

from __future__ import annotations

import tltutor

project = "tltutor"
author = "tltutor contributors"
project_copyright = f"{author}, MIT license"
version = release = tltutor.__version__
extensions = ["myst_parser"]
myst_enable_extensions = ["attrs_block", "colon_fence"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
nitpicky = True
html_theme = "furo"
html_title = "tltutor"
html_logo = "logo.svg"
html_favicon = "logo.svg"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
highlight_language = "text"  # a fence that names no language is a command
pygments_style = "default"
pygments_dark_style = "monokai"
