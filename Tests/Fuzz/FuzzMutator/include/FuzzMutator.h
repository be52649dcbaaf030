/*
 * FuzzMutator.h: mutates ONNX models as models, for libFuzzer.
 *
 * Bytes changed at random hardly get past the reader. This target defines LLVMFuzzerCustomMutator, which parses the input with
 * libonnx, changes one field or a few through protobuf's reflection, and serializes it again; inputs that do not parse, and a share
 * of the others, are mutated byte by byte.
 */
#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* libFuzzer's driver (compiler-rt, FuzzerDriver.cpp): runs `test` on inputs until told to stop. */
int LLVMFuzzerRunDriver(int *_Nonnull argc, char *_Nullable *_Nullable *_Nonnull argv,
                        int (*_Nonnull test)(const uint8_t *_Nullable bytes, size_t count));

#ifdef __cplusplus
}
#endif

#endif
