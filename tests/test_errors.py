"""How command-line tools end."""

import pytest

from vosplug.errors import ConfigError, exit_on_errors


def test_errors_of_the_user_end_a_tool_with_their_message():
    with pytest.raises(SystemExit) as stopped, exit_on_errors():
        raise ConfigError('my.py: no model')
    assert stopped.value.code == 'ConfigError: my.py: no model'


def test_an_interruption_ends_a_tool_with_the_code_of_the_signal(capsys):
    with pytest.raises(SystemExit) as stopped, exit_on_errors():
        raise KeyboardInterrupt
    assert stopped.value.code == 130 and capsys.readouterr().err == 'interrupted\n'


def test_errors_of_the_program_keep_their_traceback():
    with pytest.raises(ZeroDivisionError), exit_on_errors():
        1 / 0  # noqa: B018
