# Voigtlaender et al. 2021, Table 5, STM on DAVIS 2017: trained on YouTube-VOS, then fine-tuned on DAVIS 2017.
_base_ = ['./stm_r50_davis17.py']
load_from = 'work_dirs/stm_r50_ytvos18/iter_150000.pth'
