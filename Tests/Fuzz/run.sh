#!/bin/sh
# Fuzzes the way from ONNX bytes to features. FUZZ_SECONDS says how long (300); arguments go to libFuzzer.
#
# Starts from the files of Tests/Fixtures and Tests/Hostile; what it learns stays in .build-fuzz/corpus. An input that crashes
# or hangs is written to .build-fuzz/crash-* or timeout-*: fix the cause and add the input to Tests/Hostile, where expected.tsv
# says what is refused and how; `swift test` replays it (DamagedFileTests, ReaderRefusalTests).
set -eu
cd "$(dirname "$0")/../.."

# The backtracer of a Swift program hangs under libFuzzer.
export NNFORMER_FUZZ=1 SWIFT_BACKTRACE=enable=no
swift build -c release --scratch-path .build-fuzz --product FuzzOnnx \
  -Xswiftc -sanitize=fuzzer -Xcc -fsanitize=fuzzer-no-link

mkdir -p .build-fuzz/corpus
exec .build-fuzz/release/FuzzOnnx -max_total_time="${FUZZ_SECONDS:-300}" -timeout=20 -rss_limit_mb=4096 -max_len=65536 \
  -artifact_prefix=.build-fuzz/ -print_final_stats=1 "$@" \
  .build-fuzz/corpus Tests/Fixtures Tests/Fixtures/patterns Tests/Hostile
