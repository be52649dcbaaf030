"""The data set that is measured here, from drawn networks to the files in ``Training/measured``.

Modules import towards the top of this list only:

``sample_zoo``       which networks are measured
``collect``          samples of ``nnformer-measure`` → latencies
``collect_kernels``  samples of ``profile`` → what each kernel takes
"""
