"""SyntheticVOS keeps the contract of datasets."""

from dataset_tester import DatasetTester

from vosplug.datasets import SyntheticVOS


class TestSynthetic(DatasetTester):
    def build(self, root, **kwargs):
        return SyntheticVOS(2, 6, (48, 64), **kwargs)
