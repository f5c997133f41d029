"""What is said to a user: one line, whatever is in it."""

import subprocess
import sys

import pytest

from halfbrain.errors import HalfbrainWarning, one_line, warn


def test_control_characters_are_shown_and_not_obeyed():
    assert one_line("a\x1b[31mred\x07\n  and é") == "a\\x1b[31mred\\x07 and é"


def test_a_warning_names_the_line_of_the_caller():
    with pytest.warns(HalfbrainWarning, match="one line of two") as said:
        warn("one line\nof two")
    assert said[0].filename == __file__


def test_a_command_says_a_warning_in_one_line():
    code = (
        "import sys; from halfbrain import cli; from halfbrain.errors import warn\n"
        "@cli.app.command('warned')\n"
        "def warned(): warn('of a\\n file'); warn('of a\\n file')\n"
        "sys.argv = ['halfbrain', 'warned']; cli.main()"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stderr == 2 * "halfbrain: note: of a file\n"
