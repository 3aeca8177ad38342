# Sec. 3.3: scores of the image and of the magnitude of its optical flow are averaged. The paper's flow is
# EpicFlow's; its files can be read by dict(type='FlowFiles', folder=..., direction='forward').
_base_ = ['./masktrack_mobilenetv2_online.py']
model = dict(flow=dict(type='DISFlow'))
