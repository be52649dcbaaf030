/*
 * COnnxOracle.h: libonnx's own shape inference, as a second opinion in tests.
 *
 * It crashes on hostile models and on some honest ones, so it is given models known to be good only, and no
 * part of the library links it.
 */
#ifndef CONNX_ORACLE_H
#define CONNX_ORACLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#define ORACLE_NULLABLE _Nullable
#else
#define ORACLE_NULLABLE
#endif

#define ORACLE_RANK_LIMIT 16
#define ORACLE_UNKNOWN_EXTENT (-1)

/* What libonnx inferred for one value of the main graph. */
typedef struct oracle_type {
  int32_t element_type; /* TensorProto.DataType; 0 where unknown */
  int32_t rank;         /* -1 where unknown, or above ORACLE_RANK_LIMIT */
  int64_t extents[ORACLE_RANK_LIMIT];
} oracle_type;

typedef struct oracle_model oracle_model;

/* Infers a serialized ModelProto with every open axis of its inputs set to `open_extent`; NULL if libonnx refuses it. */
oracle_model *ORACLE_NULLABLE oracle_infer(const void *ORACLE_NULLABLE bytes, size_t count, int64_t open_extent);

void oracle_free(oracle_model *ORACLE_NULLABLE model);

/* The type of the value of that name; unknown in every part where there is none. */
oracle_type oracle_value_type(const oracle_model *ORACLE_NULLABLE model, const char *ORACLE_NULLABLE name);

#ifdef __cplusplus
}
#endif

#endif
