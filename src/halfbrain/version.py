"""The version of this package; pyproject.toml and the release script read it here."""

VERSION = "0.1.0"
