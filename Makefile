# The everyday verbs. On Debian 12 with the Swift toolchain, `make demo` and `make test` need nothing else.
BUILD  ?= build
PREFIX ?= /usr/local
# Debian's own interpreter, for which the test packages below are installed.
PYTHON ?= /usr/bin/python3

build_packages = libonnx-dev libprotobuf-dev cmake ninja-build g++
test_packages  = $(build_packages) pkg-config binutils python3 python3-pytest python3-hypothesis python3-numpy

.PHONY: all demo test check install test-training results bench fuzz clean

all:
	Scripts/install-dependencies $(build_packages)
	cmake -S . -B $(BUILD) -G Ninja -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	cmake --build $(BUILD)

demo: all
	$(BUILD)/nnformer predict Examples/Models/once_for_all.onnx --batch 1

# Every test: Swift, then the installed library through C, C++, Python and the shell.
test:
	Scripts/install-dependencies $(test_packages)
	$(MAKE) demo
	Scripts/check
	swift test -c release
	cmake --install $(BUILD) --prefix $(abspath $(BUILD)/stage) > /dev/null
	NNFORMER_PREFIX=$(abspath $(BUILD)/stage) $(PYTHON) -m pytest -q Tests

check:
	Scripts/check

install: all
	cmake --install $(BUILD)

# Needs PyTorch, from PyPI; installs the Training package and what it needs into .venv.
test-training: all
	test -x .venv/bin/python || python3 -m venv .venv
	.venv/bin/pip install -q -e Examples/Python -e 'Training[test]'
	NNFORMER_LIBRARY=$(abspath $(BUILD)/libnnformer.so) .venv/bin/python -m pytest -q Training/tests

# Every page of tables in Documentation but Performance.md (`make bench`) and ModelCard.md (`export`, which has the training run), from
# the label sets in ../shared/data, Training/measured and the weights. Hours the first time, for the protocol trains some two hundred
# networks; what is there already is kept, so it may be stopped and goes on.
TRAINING_PYTHON ?= .venv/bin/python
results: all
	test -x $(TRAINING_PYTHON) || python3 -m venv .venv
	$(TRAINING_PYTHON) -c 'import nnformer_training' 2> /dev/null || \
	  $(TRAINING_PYTHON) -m pip install -q -e Examples/Python -e 'Training[test,measure,real-models,counts]'
	export NNFORMER_LIBRARY=$(abspath $(BUILD)/libnnformer.so); run="$(TRAINING_PYTHON) -m nnformer_training"; set -e; \
	  $$run build-dataset; $$run evaluate --weights Sources/CNNFWeights/nnformer.safetensors; \
	  $$run baselines; $$run repeatability; $$run results; $$run evaluate-precision; $$run count-check; \
	  $$run evaluate-real; $$run evaluate-explanations; $$run evaluate-trust; \
	  $$run train --config Training/configs/unseen_devices.toml --run Training/work/runs/unseen_devices; \
	  $$run evaluate-calibration; \
	  $$run protocol --protocol tuning --experiment all; $$run experiments; \
	  $$run protocol; $$run protocol-tables; \
	  $$run accuracy-run; $$run accuracy-nasbench101; $$run accuracy-page

# Minutes of measurements beside OpenBLAS, PyTorch and ONNX Runtime; writes Documentation/Performance.md. BEFORE names a folder
# with the libnnformer.so.0 of an older commit, to count its instructions too; BENCH_PYTHON a Python that has the peers.
BENCH_PYTHON ?= .venv/bin/python
bench_flags = -O2 -std=gnu17 -Wall -Wextra

bench: all
	Scripts/install-dependencies $(build_packages) libopenblas-dev valgrind
	test -x $(BENCH_PYTHON) || python3 -m venv .venv
	$(BENCH_PYTHON) -c 'import onnx, onnxruntime, safetensors, torch' || \
	  $(BENCH_PYTHON) -m pip install -q -e Examples/Python -e 'Training[test]' onnxruntime safetensors
	mkdir -p $(BUILD)/bench
	$(CC) $(bench_flags) -ISources/NNFKernels/include Benchmarks/dense.c Sources/NNFKernels/dense.c \
	  Sources/NNFKernels/quantized.c Sources/NNFKernels/dispatch.c -lopenblas -lm -o $(BUILD)/bench/dense
	$(CC) $(bench_flags) -IInclude Benchmarks/search.c -L$(BUILD) -lnnformer -lpthread \
	  -Wl,-rpath,$(abspath $(BUILD)) -o $(BUILD)/bench/search
	$(CC) $(bench_flags) -IInclude Benchmarks/profile.c -L$(BUILD) -lnnformer -o $(BUILD)/bench/profile
	NNFORMER_LIBRARY=$(abspath $(BUILD)/libnnformer.so) $(BENCH_PYTHON) Benchmarks/measure.py $(BUILD)/bench/found.json \
	  --programs $(BUILD)/bench --folder $(BUILD)/bench/files $(if $(BEFORE),--before $(BEFORE)) $(BENCH_OPTIONS)
	$(BENCH_PYTHON) Benchmarks/report.py $(BUILD)/bench/found.json Documentation/Performance.md

# Minutes of libFuzzer over the reader; FUZZ_SECONDS says how long.
fuzz:
	Tests/Fuzz/run.sh

clean:
	rm -rf $(BUILD) .build
