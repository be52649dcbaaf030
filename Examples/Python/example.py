"""Prints the estimate of an ONNX model on every platform: python3 example.py MODEL.onnx [BATCH_SIZE]"""

import sys

import nnformer


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 64
    batch_size = int(sys.argv[2]) if len(sys.argv) == 3 else None
    try:
        with nnformer.Predictor() as predictor, nnformer.Graph.open(sys.argv[1], batch_size=batch_size) as graph:
            for platform, latency_ms in predictor.predict(graph).items():
                print(f"{platform}\t{latency_ms:.9g}")
    except nnformer.NNFormerError as error:
        print(f"{sys.argv[1]}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
