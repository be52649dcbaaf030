/*
 * COnnx.h: the structure of an ONNX file, without the payload of its weights.
 *
 * Reading takes two steps. A pass over the protobuf wire format (CompactCopy.hpp) copies what the library reads and
 * leaves out the rest: tensor payloads above a bound, documentation, metadata, training graphs, fields of newer ONNX
 * versions. libonnx's generated classes then parse that copy. The pass is linear in the number of fields, skips payloads by
 * their length, and enforces every limit before anything is parsed; a file of several gigabytes costs what its
 * structure costs. External tensor files are never opened.
 *
 * Handles are structures of one pointer rather than incomplete types, because Swift sees every pointer to an
 * incomplete type as the same OpaquePointer. They, and every pointer in what the functions below return, live as long as the
 * nnf_onnx_model they came from. Nothing changes a model once it is open: any number of threads may read it.
 *
 * An index must be less than the count that the owner's _fields function states. No function throws; those without a
 * status cannot fail. Names start with nnf_, which the linker script keeps inside the shared library.
 */
#ifndef NNF_CONNX_H
#define NNF_CONNX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#define NNF_NULLABLE _Nullable
#else
#define NNF_NULLABLE
#endif

/* ------------------------------------------------------------------ opening */

/* Numbered as Failure.Code. */
#define NNF_ONNX_OK 0
#define NNF_ONNX_INPUT_OUTPUT 2
#define NNF_ONNX_MALFORMED_INPUT 3
#define NNF_ONNX_LIMIT_EXCEEDED 4
#define NNF_ONNX_INTERNAL_ERROR 9

#define NNF_ONNX_NO_BYTE_OFFSET 0xffffffffffffffffull /* UINT64_MAX, spelled so that Swift imports it */

typedef struct nnf_onnx_error {
  int32_t code;         /* NNF_ONNX_... */
  uint64_t byte_offset; /* into the file, or NNF_ONNX_NO_BYTE_OFFSET */
  char message[512];    /* one line, ends in NUL */
} nnf_onnx_error;

typedef struct nnf_onnx_limits {
  size_t nodes;         /* of all graphs, subgraphs and functions together */
  size_t nesting;       /* of subgraphs inside the main graph or a function; at most 24 (protobuf's own recursion limit) */
  size_t elements;      /* of one tensor: the payload of a larger one is left out, dimensions and type remain */
  size_t memory_bytes;  /* upper bound of what the parsed structure may take, estimated before it is parsed; less than 2 GiB */
} nnf_onnx_limits;

/* An open model. Freed by nnf_onnx_close. */
typedef struct nnf_onnx_model nnf_onnx_model;

/*
 * Reads the ONNX file at `path` (NUL-terminated), a window at a time. On success *model is set and NNF_ONNX_OK is returned;
 * otherwise *model is NULL and *error says why: NNF_ONNX_INPUT_OUTPUT for a file that cannot be read, that is empty or no
 * regular file, and for one that is truncated during the call. The file is no longer needed afterwards.
 */
int32_t nnf_onnx_open_path(const char *NNF_NULLABLE path, const nnf_onnx_limits *NNF_NULLABLE limits,
                           nnf_onnx_model *NNF_NULLABLE *NNF_NULLABLE model, nnf_onnx_error *NNF_NULLABLE error);

/* The same from `count` bytes in memory, which the caller may free on return. */
int32_t nnf_onnx_open_bytes(const void *NNF_NULLABLE bytes, size_t count, const nnf_onnx_limits *NNF_NULLABLE limits,
                            nnf_onnx_model *NNF_NULLABLE *NNF_NULLABLE model, nnf_onnx_error *NNF_NULLABLE error);

void nnf_onnx_close(nnf_onnx_model *NNF_NULLABLE model);

/* ------------------------------------------------------------------ values */

/* Bytes of a protobuf string: no NUL at the end, not necessarily UTF-8. */
typedef struct nnf_onnx_text {
  const char *NNF_NULLABLE bytes;
  size_t count;
} nnf_onnx_text;

typedef struct nnf_onnx_int64s {
  const int64_t *NNF_NULLABLE elements;
  size_t count;
} nnf_onnx_int64s;

typedef struct nnf_onnx_uint64s {
  const uint64_t *NNF_NULLABLE elements;
  size_t count;
} nnf_onnx_uint64s;

typedef struct nnf_onnx_int32s {
  const int32_t *NNF_NULLABLE elements;
  size_t count;
} nnf_onnx_int32s;

typedef struct nnf_onnx_floats {
  const float *NNF_NULLABLE elements;
  size_t count;
} nnf_onnx_floats;

typedef struct nnf_onnx_doubles {
  const double *NNF_NULLABLE elements;
  size_t count;
} nnf_onnx_doubles;

/* ------------------------------------------------------------------ handles */

typedef struct nnf_onnx_graph { const void *NNF_NULLABLE message; } nnf_onnx_graph;
typedef struct nnf_onnx_node { const void *NNF_NULLABLE message; } nnf_onnx_node;
typedef struct nnf_onnx_attribute { const void *NNF_NULLABLE message; } nnf_onnx_attribute;
typedef struct nnf_onnx_value { const void *NNF_NULLABLE message; } nnf_onnx_value;
typedef struct nnf_onnx_tensor { const void *NNF_NULLABLE message; } nnf_onnx_tensor;
typedef struct nnf_onnx_sparse_tensor { const void *NNF_NULLABLE message; } nnf_onnx_sparse_tensor;
typedef struct nnf_onnx_function { const void *NNF_NULLABLE message; } nnf_onnx_function;

/* ------------------------------------------------------------------ model */

typedef struct nnf_onnx_model_fields {
  int64_t ir_version; /* 0 where the file states none */
  nnf_onnx_graph graph;
  size_t operator_set_count;
  size_t function_count;
} nnf_onnx_model_fields;

typedef struct nnf_onnx_operator_set {
  nnf_onnx_text domain;
  int64_t version;
} nnf_onnx_operator_set;

nnf_onnx_model_fields nnf_onnx_model_get_fields(const nnf_onnx_model *NNF_NULLABLE model);
nnf_onnx_operator_set nnf_onnx_model_operator_set(const nnf_onnx_model *NNF_NULLABLE model, size_t index);
nnf_onnx_function nnf_onnx_model_function(const nnf_onnx_model *NNF_NULLABLE model, size_t index);

/* ------------------------------------------------------------------ graph */

typedef struct nnf_onnx_graph_fields {
  nnf_onnx_text name;
  size_t input_count;
  size_t output_count;
  size_t value_count;
  size_t initializer_count;
  size_t sparse_initializer_count;
  size_t node_count;
} nnf_onnx_graph_fields;

nnf_onnx_graph_fields nnf_onnx_graph_get_fields(nnf_onnx_graph graph);
nnf_onnx_value nnf_onnx_graph_input(nnf_onnx_graph graph, size_t index);
nnf_onnx_value nnf_onnx_graph_output(nnf_onnx_graph graph, size_t index);
nnf_onnx_value nnf_onnx_graph_value(nnf_onnx_graph graph, size_t index);
nnf_onnx_tensor nnf_onnx_graph_initializer(nnf_onnx_graph graph, size_t index);
nnf_onnx_sparse_tensor nnf_onnx_graph_sparse_initializer(nnf_onnx_graph graph, size_t index);
nnf_onnx_node nnf_onnx_graph_node(nnf_onnx_graph graph, size_t index);

/* ------------------------------------------------------------------ declared values */

typedef struct nnf_onnx_value_fields {
  nnf_onnx_text name;
  int32_t element_type; /* TensorProto.DataType; 0 where the value is no dense tensor */
  int32_t has_shape;
  size_t axis_count;
} nnf_onnx_value_fields;

#define NNF_ONNX_AXIS_UNSPECIFIED 0
#define NNF_ONNX_AXIS_EXTENT 1
#define NNF_ONNX_AXIS_PARAMETER 2

typedef struct nnf_onnx_axis {
  int32_t kind; /* NNF_ONNX_AXIS_... */
  int64_t extent;
  nnf_onnx_text parameter;
} nnf_onnx_axis;

nnf_onnx_value_fields nnf_onnx_value_get_fields(nnf_onnx_value value);
nnf_onnx_axis nnf_onnx_value_axis(nnf_onnx_value value, size_t index);

/* ------------------------------------------------------------------ tensors */

/* A payload is in raw_data (little endian) or in the list that the element type prescribes; all are empty where it was left out. */
typedef struct nnf_onnx_tensor_fields {
  nnf_onnx_text name;
  int32_t element_type; /* TensorProto.DataType */
  int32_t is_external;
  nnf_onnx_int64s dimensions;
  nnf_onnx_text raw_data;
  nnf_onnx_floats float_data;
  nnf_onnx_int32s int32_data;
  nnf_onnx_int64s int64_data;
  nnf_onnx_doubles double_data;
  nnf_onnx_uint64s uint64_data;
} nnf_onnx_tensor_fields;

typedef struct nnf_onnx_sparse_tensor_fields {
  nnf_onnx_text name;
  int32_t element_type;
  nnf_onnx_int64s dimensions; /* of the dense tensor */
} nnf_onnx_sparse_tensor_fields;

nnf_onnx_tensor_fields nnf_onnx_tensor_get_fields(nnf_onnx_tensor tensor);
nnf_onnx_sparse_tensor_fields nnf_onnx_sparse_tensor_get_fields(nnf_onnx_sparse_tensor tensor);

/* ------------------------------------------------------------------ nodes and attributes */

typedef struct nnf_onnx_node_fields {
  nnf_onnx_text name;
  nnf_onnx_text operator_type;
  nnf_onnx_text domain;
  size_t input_count;
  size_t output_count;
  size_t attribute_count;
} nnf_onnx_node_fields;

/* AttributeProto.AttributeType, as far as it is read. */
#define NNF_ONNX_ATTRIBUTE_UNDEFINED 0
#define NNF_ONNX_ATTRIBUTE_FLOAT 1
#define NNF_ONNX_ATTRIBUTE_INT 2
#define NNF_ONNX_ATTRIBUTE_STRING 3
#define NNF_ONNX_ATTRIBUTE_TENSOR 4
#define NNF_ONNX_ATTRIBUTE_GRAPH 5
#define NNF_ONNX_ATTRIBUTE_FLOATS 6
#define NNF_ONNX_ATTRIBUTE_INTS 7
#define NNF_ONNX_ATTRIBUTE_STRINGS 8
#define NNF_ONNX_ATTRIBUTE_SPARSE_TENSOR 11

typedef struct nnf_onnx_attribute_fields {
  nnf_onnx_text name;
  nnf_onnx_text referred_name; /* in a function body: the attribute of the call whose value this one takes; mostly empty */
  int32_t type; /* NNF_ONNX_ATTRIBUTE_...; derived from what is present where the file states none (IR version 1) */
  float float_value;
  int64_t int_value;
  nnf_onnx_text string_value;
  nnf_onnx_floats floats;
  nnf_onnx_int64s ints;
  size_t string_count;
  nnf_onnx_tensor tensor;               /* empty where the attribute holds none, as are the two below */
  nnf_onnx_sparse_tensor sparse_tensor;
  nnf_onnx_graph graph;
} nnf_onnx_attribute_fields;

nnf_onnx_node_fields nnf_onnx_node_get_fields(nnf_onnx_node node);
nnf_onnx_text nnf_onnx_node_input(nnf_onnx_node node, size_t index);
nnf_onnx_text nnf_onnx_node_output(nnf_onnx_node node, size_t index);
nnf_onnx_attribute nnf_onnx_node_attribute(nnf_onnx_node node, size_t index);
nnf_onnx_attribute_fields nnf_onnx_attribute_get_fields(nnf_onnx_attribute attribute);
nnf_onnx_text nnf_onnx_attribute_string(nnf_onnx_attribute attribute, size_t index);

/* ------------------------------------------------------------------ functions */

typedef struct nnf_onnx_function_fields {
  nnf_onnx_text name;
  nnf_onnx_text domain;
  size_t input_count;
  size_t output_count;
  size_t operator_set_count;
  size_t node_count;
  size_t default_count; /* attributes with a default value */
} nnf_onnx_function_fields;

nnf_onnx_function_fields nnf_onnx_function_get_fields(nnf_onnx_function function);
nnf_onnx_text nnf_onnx_function_input(nnf_onnx_function function, size_t index);
nnf_onnx_text nnf_onnx_function_output(nnf_onnx_function function, size_t index);
nnf_onnx_operator_set nnf_onnx_function_operator_set(nnf_onnx_function function, size_t index);
nnf_onnx_node nnf_onnx_function_node(nnf_onnx_function function, size_t index);
nnf_onnx_attribute nnf_onnx_function_default(nnf_onnx_function function, size_t index);

#ifdef __cplusplus
}
#endif

#endif
