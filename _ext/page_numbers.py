"""Figures, tables, formulas and exercises are numbered from 1 on every page.

Sphinx numbers them through the whole book unless its sections have numbers. Then the text says
"exercise 5" where the page shows "Exercise 63", a new page changes the numbers of all later ones,
and a link that somebody wrote down ("figure 12") goes stale.
"""

from sphinx.environment.collectors.toctree import TocTreeCollector

BOOK_WIDE = TocTreeCollector.assign_figure_numbers


def from_one(fignumbers):
    """Renumber in place, each kind on each page in its order."""
    for kinds in fignumbers.values():
        for numbers in kinds.values():
            for number, name in enumerate(numbers, start=1):
                numbers[name] = (number,)


def assign_figure_numbers(collector, env):
    """Assign numbers; return the pages to write again because theirs have changed."""
    before = env.toc_fignumbers
    BOOK_WIDE(collector, env)
    from_one(env.toc_fignumbers)
    return [page for page, kinds in env.toc_fignumbers.items() if kinds != before.get(page)]


def setup(app):
    """Take the place of Sphinx's own numbering, which has no option for this."""
    TocTreeCollector.assign_figure_numbers = assign_figure_numbers
    return {"parallel_read_safe": True, "parallel_write_safe": True}
