"""The pretrained weights that shipped configs start from: their variables, and where to get them."""

import os
from pathlib import Path
from typing import NamedTuple

TORCHVISION = 'https://download.pytorch.org/models'


class Pretrained(NamedTuple):
    """A pretrained weight file, whose path an environment variable sets."""

    variable: str
    default: str  # what configs use without the variable
    source: str
    network: str

    @property
    def advice(self) -> str:
        """Where to get the file, and which variable to set."""
        where = (
            'or install torchvision, which downloads it'
            if '://' in self.default
            else f'or put it at {self.default}'
        )
        return f'Get them from {self.source}, and set the variable {self.variable} to the file, {where}.'


PRETRAINED = (
    Pretrained(
        'MOBILENETV2_WEIGHTS',
        'checkpoints/mobilenet_v2-b0353104.pth',
        f'{TORCHVISION}/mobilenet_v2-b0353104.pth',
        'MobileNetV2 (torchvision, ImageNet)',
    ),
    Pretrained(
        'VGG16_WEIGHTS',
        'checkpoints/vgg16_imagenet_conv.safetensors',
        f'{TORCHVISION}/vgg16-397923af.pth',
        'VGG-16 (torchvision, ImageNet)',
    ),
    Pretrained(
        'RESNET50_WEIGHTS',
        'torchvision://resnet50',
        f'{TORCHVISION}/resnet50-0676ba61.pth',
        'ResNet-50 (torchvision, ImageNet)',
    ),
    Pretrained(
        'RESNET18_WEIGHTS',
        'torchvision://resnet18',
        f'{TORCHVISION}/resnet18-f37072fd.pth',
        'ResNet-18 (torchvision, ImageNet)',
    ),
    Pretrained(
        'XCEPTION65_WEIGHTS',
        'checkpoints/xception65.tf_in1k.safetensors',
        'https://huggingface.co/timm/xception65.tf_in1k (model.safetensors)',
        'Xception-65 (timm, ImageNet)',
    ),
    Pretrained(
        'MASK_RCNN_WEIGHTS',
        'checkpoints/mask_rcnn_r50.pth',
        'maskrcnn-benchmark, converted as configs/_base_/backbones/mask_rcnn_r50.py says',
        "Mask R-CNN's ResNet-50 (maskrcnn-benchmark, COCO)",
    ),
    Pretrained(
        'DEEPLAB_WEIGHTS',
        'checkpoints/deeplabv3_r50-d8_512x512_20k_voc12aug.pth',
        "MMSegmentation's model zoo (deeplabv3_r50-d8_512x512_20k_voc12aug)",
        'DeepLabv3 (MMSegmentation, PASCAL VOC)',
    ),
)


def how_to_get(path: Path) -> str:
    """Advice on a missing file, if it is one of ``PRETRAINED``; '' otherwise."""
    named = {Path(os.environ.get(p.variable) or p.default): p for p in PRETRAINED}
    if path not in named:
        return ''
    return (
        f' These are weights of {named[path].network} that training starts from. {named[path].advice} '
        'A trained checkpoint makes them unnecessary.'
    )
