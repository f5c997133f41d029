"""For the documentation: a docstring's roles, as :class:`X`, are shown as code."""

import re

import griffe

ROLE = re.compile(r":(?:class|func|meth|mod|data|attr|exc):`~?([^`]+)`")


class Roles(griffe.Extension):
    """Reads each docstring before it is laid out."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """Change the roles of one docstring."""
        if obj.docstring is not None:
            obj.docstring.value = ROLE.sub(r"`\1`", obj.docstring.value)
