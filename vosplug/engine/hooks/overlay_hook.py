"""Hook that draws predictions."""

from pathlib import Path

from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...atomic import remove_partials
from ...errors import ConfigError
from ...formats.output_path import check_output_name, output_path
from ...registry import HOOKS
from ...structures import FrameResult, VideoSample
from ...structures.image_file import write_image
from ...visualization import VOSVisualizer
from ..finished_videos import files_digest


@HOOKS.register_module()
class OverlayHook(Hook):
    """Draws frames with coloured masks and ids, with the Runner's :class:`VOSVisualizer`.

    Args:
        out_dir: write ``<out_dir>/<video>/<frame>.jpg``; None: send them to the visualizer's backends
            (TensorBoard, for example).
        interval: draw every ``interval``-th frame.

    Raises:
        ConfigError: the config's visualizer is of another type.
    """

    def __init__(self, out_dir: str | None = None, interval: int = 1) -> None:
        if interval < 1:
            raise ConfigError(f'OverlayHook.interval: found {interval}, expected 1 or more.')
        self.out_dir, self.interval = out_dir and Path(out_dir), interval

    def before_run(self, runner: Runner) -> None:
        """Check the visualizer before the run starts."""
        if not isinstance(runner.visualizer, VOSVisualizer):
            raise ConfigError(
                f'visualizer.type: found {type(runner.visualizer).__name__}, OverlayHook needs VOSVisualizer.'
            )

    def before_video(self, runner: Runner, video: VideoSample) -> None:
        """Remove partial files of a killed run; called by :class:`VideoTestLoop`."""
        if self.out_dir is not None:
            remove_partials(self._path(video, 'frame').parent, '.jpg')

    def after_frame(self, runner: Runner, video: VideoSample, result: FrameResult) -> None:
        """Draw a frame; called by the video loops."""
        if result.index % self.interval:
            return
        image = video.source[result.index]
        if self.out_dir is None:
            # backends use the name as a file name
            name = f'{video.name}_{result.name}'.replace('/', '_')
            check_output_name(name)
            runner.visualizer.add_frame(name, image, result, step=runner.iter)
            return
        write_image(self._path(video, result.name), runner.visualizer.draw(image, result))

    def outputs_digest(self, video: VideoSample) -> str | None:
        """Digest of the image files of a video; see :class:`VideoTestLoop`."""
        names = [] if self.out_dir is None else video.source.frame_names[:: self.interval]
        return files_digest(self._path(video, name) for name in names)

    def _path(self, video: VideoSample, frame: str) -> Path:
        return output_path(self.out_dir, video.name, f'{frame}.jpg')
