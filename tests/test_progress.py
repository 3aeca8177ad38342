"""Progress of steps that take long."""

from mmengine.logging import MMLogger

from vosplug import progress


def test_steps_are_counted_and_logged_only_when_they_take_long(monkeypatch, capsys):
    logger = MMLogger.get_current_instance()
    lines = []
    monkeypatch.setattr(logger, 'log', lambda level, text: lines.append(text))
    assert list(progress.logged_steps('quick', 3)) == [0, 1, 2] and not lines
    clock = iter(range(0, 100, 6))
    monkeypatch.setattr(progress.time, 'monotonic', lambda: next(clock))
    assert list(progress.logged_steps('slow', 5)) == [0, 1, 2, 3, 4]
    # 6 seconds each: after 12 and 24 seconds
    assert lines == ['slow: 2 of 5 steps, 18 s left', 'slow: 4 of 5 steps, 6 s left']
