"""Scripts and styles in few characters.

The minifier has no wheel for Macs with Apple's own processors. A site that is built there is the
same, only larger.
"""

try:
    import minify
except ImportError:
    minify = None


def shrink(kind: str, text: str) -> str:
    """Return a text of a kind, such as ``text/css``, without what no browser needs."""
    return minify.string(kind, text) if minify else text
