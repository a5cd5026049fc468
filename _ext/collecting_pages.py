"""Pages made from other pages, such as a report of all runs, are read anew when any page changes.

Sphinx knows the files that a page is made from, not that it shows the titles, questions or records
of others. To read such a page in every build would be safe, and would make each build of an
unchanged book write again the pages, the environment and whatever follows from them.
"""

import page_facts


def collects(env) -> None:
    """Mark the page that is being read as one that is made from others."""
    env.collecting_pages.add(env.docname)
    if (env.srcdir / "_toc.yml").is_file():
        env.note_dependency("_toc.yml")  # the order of the pages


def prepare(app):
    """Make the set of such pages, which is kept between builds."""
    if not hasattr(app.env, "collecting_pages"):
        app.env.collecting_pages = set()


def outdated(app, env, added, changed, removed):
    """Name the pages that collect, if any page is new, changed, gone, or has run again."""
    run_again = page_facts.outdated(app, env, added, changed, removed)
    return sorted(env.collecting_pages) if added or changed or removed or run_again else []


def forget(app, env, docname):
    """Forget a page that is read anew or gone."""
    env.collecting_pages.discard(docname)


def setup(app):
    """Connect the choice of what to read."""
    app.setup_extension("page_facts")  # which knows the records that pages were built with
    app.connect("builder-inited", prepare)
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", forget)
    # Pages record into the environment, so they must be read in one process.
    return {"parallel_read_safe": False, "parallel_write_safe": True, "version": "1"}
