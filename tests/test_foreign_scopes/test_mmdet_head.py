"""Box losses of vosplug on an instance head of MMDetection."""

import torch
from mmengine.config import ConfigDict
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData
from torch import Tensor

from vosplug.registry import MODELS

STRIDE, SIZE = 4, 64


def box_supervised_head(mmdet):
    """CondInst's dynamic mask head, trained by our losses of boxes; what such a head needs is all here."""
    from mmdet.models import CondInstMaskHead

    class BoxSupervisedMaskHead(CondInstMaskHead):
        def __init__(self, loss_box: list[dict], **kwargs) -> None:
            super().__init__(loss_mask=loss_box[0], **kwargs)
            self.loss_mask = torch.nn.ModuleList(MODELS.build(cfg) for cfg in loss_box)

        def loss_by_feat(self, mask_preds, batch_gt_instances, batch_img_metas, positive_infos) -> dict:
            losses = {}
            for image in zip(mask_preds, batch_gt_instances, batch_img_metas, positive_infos, strict=True):
                for name, value in self._losses_of_image(*image).items():
                    losses[name] = losses.get(name, 0) + value / len(mask_preds)
            return losses

        def _losses_of_image(self, masks: Tensor, truth, meta: dict, positive) -> dict[str, Tensor]:
            boxes = truth.bboxes[positive.pos_assigned_gt_inds] / self.mask_out_stride
            return {
                loss.loss_name: loss(logits=masks, boxes=boxes, images=meta['image'])
                for loss in self.loss_mask
            }

    torch.manual_seed(0)
    feature = dict(in_channels=8, feat_channels=8, start_level=0, end_level=0, out_channels=8)
    losses = [dict(type='vosplug.BoxProjectionLoss'), dict(type='vosplug.ColorPairwiseLoss', stride=1)]
    with DefaultScope.overwrite_default_scope('mmdet'):
        return BoxSupervisedMaskHead(
            losses, mask_feature_head=ConfigDict(**feature, mask_stride=STRIDE), mask_out_stride=STRIDE
        )


def test_projection_and_pairwise_loss_teach_the_head_the_box(mmdet):
    head = box_supervised_head(mmdet)
    box = torch.tensor([16.0, 24, 48, 56])
    image = torch.full((3, SIZE // STRIDE, SIZE // STRIDE), 40.0)
    left, top, right, bottom = (box / STRIDE).int().tolist()
    image[:, top:bottom, left:right] = 220
    feature = torch.nn.functional.pad(image[:1] / 255 - 0.4, (0, 0, 0, 0, 0, 7))[None]
    params = torch.nn.Parameter(0.1 * torch.randn(1, head.num_params))
    positive = InstanceData(
        param_preds=params,
        points=torch.tensor([[32.0, 40.0]]),
        strides=torch.tensor([8]),
        pos_assigned_gt_inds=torch.tensor([0]),
    )
    truth = InstanceData(bboxes=box[None])
    optimizer = torch.optim.Adam([params, *head.parameters()], lr=0.01)
    history = []
    for step in range(100):
        # at once, the pairwise loss is content with a mask that is the same everywhere
        head.loss_mask[1].loss_weight = 0.5 * step / 100
        (masks,) = head((feature,), [positive])
        losses = head.loss_by_feat(masks, [truth], [dict(image=image)], [positive])
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
        history.append({name: value.item() for name, value in losses.items()})
    assert set(history[0]) == {'loss_projection', 'loss_pairwise'}
    assert history[0]['loss_projection'] > 0.3 > 0.05 > history[-1]['loss_projection']
    assert max(losses['loss_pairwise'] for losses in history) > 0.01 > history[-1]['loss_pairwise']
    expected = torch.zeros(SIZE // STRIDE, SIZE // STRIDE, dtype=torch.bool)
    expected[top:bottom, left:right] = True
    found = masks[0][0] > 0
    assert (found & expected).sum() / (found | expected).sum() > 0.9
