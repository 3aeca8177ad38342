"""Packaging; a wheel also carries configs, tools and projects in ``vosplug/.mim``."""

import runpy
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py
from setuptools.command.editable_wheel import editable_wheel

SHIPPED = ('configs', 'tools', 'projects', 'model-index.yml')


class BuildPy(build_py):
    """Copies what MIM and ``vosplug.paths`` look for into the wheel; an editable install needs no copy."""

    def run(self) -> None:
        """Build the package, then ``.mim``."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib, 'vosplug', '.mim')
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name in SHIPPED:
            if Path(name).is_dir():
                shutil.copytree(name, target / name, ignore=shutil.ignore_patterns('__pycache__', '*.pyc'))
            else:
                shutil.copy(name, target / name)


class EditableWheel(editable_wheel):
    """Makes an editable install a line in a .pth file.

    The import hook that setuptools makes otherwise loses to a folder named vosplug where Python is started,
    such as a checkout: the package would be empty.
    """

    def finalize_options(self) -> None:
        """See setuptools, which takes this layout for one of the kind that needs no hook."""
        super().finalize_options()
        self.package_dir = {'': '.'}


setup(
    name='vosplug',
    version=runpy.run_path('vosplug/version.py')['__version__'],
    description="Video object segmentation on OpenMMLab's engine, trained from masks or from boxes",
    long_description=Path('README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    keywords=['video object segmentation', 'weak supervision', 'box supervision', 'computer vision'],
    classifiers=[
        'Development Status :: 3 - Alpha',
        'Intended Audience :: Science/Research',
        'Programming Language :: Python :: 3',
        'Typing :: Typed',
        'Topic :: Scientific/Engineering :: Image Recognition',
    ],
    python_requires='>=3.10',
    install_requires=[
        'torch>=2.6',
        'numpy>2',
        *runpy.run_path('vosplug/compat.py')['FAMILY'],
        'opencv-python',
        'av>=17',
        'pillow',
        'matplotlib',
        'pycocotools',
        'msgspec',
        'scipy',
        'pyyaml',
        'rich',
        'safetensors',
        'filelock',
        'shtab',
    ],
    extras_require={
        'tensorboard': ['tensorboard'],
        'wandb': ['wandb'],
        # pseudo-labels of very many videos; both are larger than everything else but torch
        'scale': ['pyarrow', 'ray'],
        # the pages of `vosplug review` and `vosplug demo --web`
        'web': ['starlette>=0.40', 'uvicorn>=0.30'],
        # masks from boxes by ONNX files; older versions of onnxruntime read any file that a model names
        'onnx': ['onnx>=1.18', 'onnxscript>=0.5', 'onnxruntime>=1.24'],
        # SAM 2 as a tracker and for masks from boxes; its weights are downloaded, or in a folder
        'sam2': ['transformers>=4.57.1'],
        # most of its models also need an mmcv with compiled operators, which PyPI's is not
        'mmdet': ['onedl-mmdetection>=3.5,<3.6'],
        # tests compare our numbers with those of the benchmarks' own toolkits; see requirements/toolkits.txt
        'toolkits': ['got10k', 'six', 'vot-toolkit>=0.8', 'attributee<0.1.10'],
        'dev': [
            *('pytest', 'pytest-xdist', 'hypothesis'),
            *('ruff', 'codespell', 'mypy', 'import-linter', 'pre-commit', 'build'),
        ],
        'docs': ['sphinx', 'furo', 'myst-parser', 'grimp'],
    },
    packages=find_packages(include=['vosplug', 'vosplug.*']),
    entry_points={'console_scripts': ['vosplug = vosplug.cli:main']},
    include_package_data=True,
    package_data={'vosplug': ['py.typed']},
    cmdclass={'build_py': BuildPy, 'editable_wheel': EditableWheel},
)
