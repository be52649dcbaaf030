"""The package's structures, signatures and constants are those of nnformer.h."""

import ctypes
import re

import header
import nnformer
from nnformer import constants, errors, functions, structures

TYPES = {
    "void": None,
    "nnformer_status": ctypes.c_int32,
    "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "uint32_t": ctypes.c_uint32,
    "size_t": ctypes.c_size_t,
    "float": ctypes.c_float,
    "const char *": ctypes.c_char_p,
    "const void *": ctypes.c_void_p,
    "const char *const *": ctypes.POINTER(ctypes.c_char_p),
    "double": ctypes.c_double,
    "double *": ctypes.POINTER(ctypes.c_double),
    "float *": ctypes.POINTER(ctypes.c_float),
    "const float *": ctypes.POINTER(ctypes.c_float),
    "const int64_t *": ctypes.POINTER(ctypes.c_int64),
    "uint32_t *": ctypes.POINTER(ctypes.c_uint32),
    "uint8_t *": ctypes.POINTER(ctypes.c_uint8),
    "const uint8_t *": ctypes.POINTER(ctypes.c_uint8),
    "size_t *": ctypes.POINTER(ctypes.c_size_t),
}
for handle in (
    "predictor", "session", "graph", "graph_builder", "cell_list", "accuracy_predictor", "explanation", "calibration",
    "calibrated_platform",
):
    TYPES[f"nnformer_{handle} *"] = TYPES[f"const nnformer_{handle} *"] = ctypes.c_void_p
    TYPES[f"nnformer_{handle} **"] = ctypes.POINTER(ctypes.c_void_p)
    TYPES[f"const nnformer_{handle} *const *"] = ctypes.POINTER(ctypes.c_void_p)
for name, structure in structures.STRUCTURES.items():
    TYPES[f"{name} *"] = TYPES[f"const {name} *"] = ctypes.POINTER(structure)


def c_type(declaration: str) -> object:
    """The ctypes type of `const char *name` or `const char *`."""
    declaration = re.sub(r"\s+", " ", declaration).strip()
    if declaration not in TYPES:  # a parameter: its name comes last
        declaration = re.sub(r"\w+$", "", declaration).strip()
    declaration = re.sub(r"(\w) ?\*", r"\1 *", declaration).replace("* *", "**").replace("*const", "*const")
    return TYPES[declaration]


def test_every_function_has_the_signature_of_the_header():
    expected = {
        name: (c_type(result), [c_type(parameter) for parameter in parameters])
        for name, (result, parameters) in header.functions().items()
    }
    assert len(expected) > 40
    assert {name: (result, list(arguments)) for name, (result, arguments) in functions.FUNCTIONS.items()} == expected


def test_constants_are_those_of_the_header():
    numbers = {name: int(value) for name, value in re.findall(r"#define (NNFORMER_\w+) (\d+)u?\b", header.TEXT)}
    assert nnformer.ABI_VERSION == numbers["NNFORMER_ABI_VERSION"]
    assert constants.KEEP_UNUSED_NODES == numbers["NNFORMER_KEEP_UNUSED_NODES"]
    for number, relation in enumerate(nnformer.RELATIONS):
        assert numbers[f"NNFORMER_RELATION_{relation.upper()}"] == number
    for number, quantity in enumerate(nnformer.QUANTITIES):
        assert numbers[f"NNFORMER_QUANTITY_{quantity.upper()}"] == number
    version = ".".join(str(numbers[f"NNFORMER_VERSION_{part}"]) for part in ("MAJOR", "MINOR", "PATCH"))
    assert nnformer.__version__ == version


def test_every_status_has_an_exception():
    defined = header.TEXT[header.TEXT.index("#define NNFORMER_OK") : header.TEXT.index("nnformer_status_name")]
    statuses = {int(value): name for name, value in re.findall(r"#define NNFORMER_(\w+) (\d+)", defined)}
    del statuses[0]
    assert errors.ERRORS.keys() == statuses.keys()
    for number, error in errors.ERRORS.items():
        words = re.findall("[A-Z][a-z]+", error.__name__.removesuffix("Error")) or [""]
        assert "_".join(words).upper() == statuses[number].removesuffix("_ERROR")
