"""Sphinx settings: Markdown by MyST, pages in four folders by what the reader wants (tutorials, how-to, explanation, reference)."""

from importlib.metadata import version as installed_version

project = "détente"
author = "The détente authors"
release = version = installed_version("detente")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "détente"
autodoc_typehints = "description"
