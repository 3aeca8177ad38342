"""Context of a conversion: the videos, and a count of what is lost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ...errors import AnnotationError, VideoError
from ...files import is_dir
from ...limits import check_limit
from ...structures import ImageFolderSource, VideoSource, open_video
from ...structures.image_file import IMAGE_SUFFIXES, image_size
from ...structures.open_video import find_video
from ..output_path import check_output_name
from ..schema import check_distinct
from .record import AnnotatedVideo


@dataclass
class Context:
    """Settings of a conversion, and its losses.

    Attributes:
        videos: folder of the videos: ``<videos>/<video>``, a folder of images or a video file; None: frame
            names and sizes come from the annotations, as far as these contain them.
        size: (H, W) of all videos, where neither the annotations nor ``videos`` determine it.
        dropped: what the source has and the target cannot hold -> how often.
    """

    videos: Path | None = None
    size: tuple[int, int] | None = None
    dropped: Counter[str] = field(default_factory=Counter)
    _expanded: int = 0

    def drop(self, what: str, count: int = 1) -> None:
        """Count something that is lost."""
        if count:
            self.dropped[what] += count

    def check_category(self, kept: str, found: str) -> None:
        """Count a category other than the first of an object, which is kept."""
        self.drop("changes of an object's category (the first is kept)", int(found != kept))

    def flat_names(self, videos: Sequence[AnnotatedVideo]) -> list[str]:
        """Names of videos for a format without folders.

        Raises:
            AnnotationError: two videos of the same name in different folders.
        """
        names = [video.name.rpartition('/')[2] for video in videos]
        check_distinct(names, 'videos', 'without its folder, the name')
        self.drop('folders in video names', sum('/' in video.name for video in videos))
        return names

    def expand(self, count: int, where: str) -> None:
        """Count boxes that keyframes expand to, before they are made.

        Raises:
            AnnotationError: more in total than the limit.
        """
        self._expanded += count
        what = f'{where}: its keyframes stand for {self._expanded:,} boxes'
        check_limit('MAX_BOXES', self._expanded, what, AnnotationError)

    def start_video(
        self,
        name: str,
        where: str,
        length: int = 0,
        size: tuple[int, int] | None = None,
        frame_names: Sequence[str] | None = None,
        places: Sequence[str] = (),
    ) -> AnnotatedVideo:
        """Create a video without objects.

        Args:
            name: of the video.
            where: file that it comes from, for messages.
            length: number of its frames according to the annotations; the video may have more.
            size: (H, W) according to the annotations.
            frame_names: according to the annotations; otherwise frames are numbered as in a video file.
            places: candidate paths of its frames below ``videos``; the last one is used if ``videos`` is not
                given. Default: its name.

        Raises:
            AnnotationError: an invalid video name, more frames than the video has or the limit allows, or a
                size other than the video's.
            VideoError: it is not below ``videos``.
        """
        check_output_name(name, where)
        places = places or [name]
        if self.videos is not None:
            return self._of_source(name, where, length, size, places)
        check_limit('MAX_FRAMES', length, f'{where}: has {length:,} frames', AnnotationError)
        if frame_names is None:
            frame_names = [f'{t:05d}' for t in range(length)]
        files = [f'{places[-1]}/{frame}.jpg' for frame in frame_names]
        return AnnotatedVideo(name, list(frame_names), files, size or self.size)

    def start_listed(
        self, files: Sequence[str], where: str, size: tuple[int, int] | None = None
    ) -> tuple[AnnotatedVideo, list[int]]:
        """Create a video without objects, whose annotated frames are listed by their files.

        It is named like the folder of the first file, or, without one, like the annotation file.

        Args:
            files: relative to the folder of videos.
            where: file that they come from, for messages.
            size: (H, W) according to it.

        Returns:
            tuple: the video, and the indices of the listed frames.

        Raises:
            AnnotationError, VideoError: see :meth:`start_annotated`.
        """
        folder = PurePosixPath(files[0]).parent.as_posix()
        name = folder if folder != '.' else Path(where).stem
        video, indices = self.start_annotated(name, [PurePosixPath(file).stem for file in files], where, size)
        if self.videos is None:
            video.frame_files = list(files)
        return video, indices

    def start_annotated(
        self, name: str, frames: Sequence[str], where: str, size: tuple[int, int] | None = None
    ) -> tuple[AnnotatedVideo, list[int]]:
        """Create a video without objects from the names of its annotated frames.

        Without ``videos``, files of frames are named ``<name>/<frame>.jpg``; of the formats to write, only
        the JSON ones contain these names.

        Args:
            name: of the video.
            frames: names of the annotated frames.
            where: file that they come from, for messages.
            size: (H, W) according to it.

        Returns:
            tuple: the video, and the indices of the annotated frames.

        Raises:
            AnnotationError: a frame twice, one that the video does not have or that cannot be a file name;
                see also :meth:`start_video`.
            VideoError: see :meth:`start_video`.
        """
        for frame in frames:
            check_output_name(frame.replace('/', '\\'), where)  # a frame is no path
        check_distinct(frames, where, f'video {name:.200}, frame')
        video = self.start_video(name, where, size=size, frame_names=frames)
        index = {frame: t for t, frame in enumerate(video.frame_names)}
        missing = [frame for frame in frames if frame not in index]
        if missing:
            raise AnnotationError(
                f'{where}: frame {missing[0]!r:.100} of video {name} is not below {self.videos}. Use the '
                'video that was annotated.'
            )
        indices = [index[frame] for frame in frames]
        video.annotated = sorted(indices)
        return video, indices

    def _of_source(
        self, name: str, where: str, length: int, size: tuple[int, int] | None, places: Sequence[str]
    ) -> AnnotatedVideo:
        place, source = self._open(name, where, places)
        if length > len(source):
            raise AnnotationError(
                f'{where}: has annotations of {length} frames of video {name}, {self.videos}/{place} has '
                f'{len(source)}. Use the video that was annotated.'
            )
        if size not in (None, source.size):
            raise AnnotationError(
                f'{where}: video {name} is {size[1]}x{size[0]}, {self.videos}/{place} is '
                f'{source.size[1]}x{source.size[0]}. Use the video that was annotated.'
            )
        if isinstance(source, ImageFolderSource):
            files = [f'{place}/{path.name}' for path in source.frame_paths]
        else:
            files = [f'{place}/{frame}.jpg' for frame in source.frame_names]
        fps = None if source.fps is None else float(source.fps)
        return AnnotatedVideo(name, list(source.frame_names), files, source.size, fps=fps)

    def _open(self, name: str, where: str, places: Sequence[str]) -> tuple[str, VideoSource]:
        assert self.videos is not None
        for place in places:
            path = find_video(self.videos, place)
            if path is not None:
                return place, open_video(path)
        found = sorted(p.name for p in self.videos.iterdir()) if is_dir(self.videos) else []
        raise VideoError(
            f'{where}: video {name} is not in {self.videos}, expected {" or ".join(places)} there, found '
            f'{found[:5]}. Rename the video as in the annotations, or give the folder that holds it.'
        )

    def start_still(self, file: str, where: str, size: tuple[int, int] | None = None) -> AnnotatedVideo:
        """Create a video of one frame from a still image, named like its file without the suffix.

        Args:
            file: of the image, below ``videos``; a missing suffix is looked up there.
            where: file that it comes from, for messages.
            size: (H, W) according to the annotations.

        Raises:
            AnnotationError: an invalid video name, or a size other than the image's.
            VideoError: no such image below ``videos``, or a damaged one.
        """
        path = Path(file)
        name = path.with_suffix('').as_posix() if path.suffix.lower() in IMAGE_SUFFIXES else file
        check_output_name(name, where)
        if self.videos is not None:
            candidates = [self.videos / file, *(self.videos / f'{file}{suffix}' for suffix in IMAGE_SUFFIXES)]
            image = next((path for path in candidates if path.is_file()), candidates[0])
            found = image_size(image, VideoError)
            if size not in (None, found):
                raise AnnotationError(
                    f'{where}: {file} is {size[1]}x{size[0]}, {image} is {found[1]}x{found[0]}. Use the '
                    'images that were annotated.'
                )
            file, size = image.relative_to(self.videos).as_posix(), found
        elif name == file:
            file = f'{file}.jpg'
        return AnnotatedVideo(name, [name.rpartition('/')[2]], [file], size or self.size, [0])
