"""How Sphinx makes the site, the same for both languages; pages.py says which."""

import os

language = os.environ["SITE_LANGUAGE"]
other = {"en": "ru", "ru": "en"}[language]
words = {
    "en": {
        "other": "По-русски",
        "label": "Language",
        "api": "API documentation",
        "search": "Search",
        "find": "A word of the lecture, of the homework or of the guide, such as mutex:",
        "scripts": "The search needs JavaScript. Without it, see the contents on the left.",
    },
    "ru": {
        "other": "In English",
        "label": "Язык",
        "api": "Документация API",
        "search": "Поиск",
        "find": "Слово из лекции, домашних заданий или путеводителя, например «мьютекс»:",
        "scripts": "Поиску нужен JavaScript. Без него поможет содержание слева.",
    },
}[language]

project = "potok"
author = "the potok authors"
copyright = {
    "en": "the potok authors, MIT or Apache-2.0",
    "ru": "авторы potok, MIT или Apache-2.0",
}[language]
html_title = {
    "en": "potok: threads, processes, map-reduce",
    "ru": "potok: потоки, процессы, map-reduce",
}[language]
extensions = ["myst_nb", "sphinx.ext.mathjax"]
exclude_patterns = ["_build"]
html_baseurl = ""

# Outputs are those that the notebooks were stored with.
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
# Rust's set-up line `:dep …` is no Rust: it is shown as it is, without a warning.
suppress_warnings = ["misc.highlighting_failure", "mystnb.unknown_mime_type", "myst.header"]

html_theme = "furo"
html_theme_options = {
    "navigation_with_keys": True,
    "top_of_page_buttons": [],
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
templates_path = [os.path.join(os.path.dirname(__file__), "templates")]
html_static_path = [
    os.path.join(os.path.dirname(__file__), "static"),
    os.environ["SITE_PICTURES"],
]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "language.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_context = {"other": other, "words": words}
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
# Its one file needs no fonts, so that nothing else is loaded.
mathjax_path = "tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}


def name_levels(app, page, template, context, doctree):
    """Captions of the navigation are headings to a screen reader: of which level?"""
    tree = context.get("furo_navigation_tree", "")
    level = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    context["furo_navigation_tree"] = level


def setup(app):
    app.connect("html-page-context", name_levels, priority=900)
