"""``nnformer-measure``: how long networks take on this machine, measured so that the numbers can be trusted.

Modules import towards the top of this list only:

``conditions``             which processor, which versions
``parameters``             numbers for the parameters of networks that were written without
``networks``               what is to be measured: a name, a batch size, a way to an ONNX model
``runtimes``               ONNX Runtime, OpenVINO and a user's own command behind one small interface
``timing``, ``worker``     one network on one runtime, in a process of its own
``records``, ``summary``   samples on disk as they come; one latency a network and runtime
``campaign``, ``command``  rounds over all networks; the command line
``profiles``, ``profile_command``  what each kernel of a network takes; the command line
"""
