# Fine-tuning on TAO-VOS after YouTube-VOS (Voigtlaender et al. 2021, Tables 5 and 6).
_base_ = [
    '../_base_/models/stm_r50.py',
    '../_base_/datasets/tao_vos.py',
    '../_base_/schedules/adam_1e-5.py',
    '../_base_/long_runtime.py',
]
load_from = 'work_dirs/stm_r50_ytvos18/iter_150000.pth'
train_cfg = dict(max_iters=20_000)  # ours: the paper's is in its supplement, which is not available to us
