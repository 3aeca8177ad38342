"""Backbones that MMSegmentation lacks, or adapted from it; its own are ``mmseg.ResNet`` and so on."""

from .extra_channel_resnet import ExtraChannelResNet
from .mobilenet_v2 import MobileNetV2
from .vgg import VGG16, DeepLabVGG16
from .xception import Xception65

__all__ = ['VGG16', 'DeepLabVGG16', 'ExtraChannelResNet', 'MobileNetV2', 'Xception65']
