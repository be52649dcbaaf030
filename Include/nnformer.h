/*
 * nnformer.h: how long a neural network takes on named hardware, predicted from its graph alone.
 *
 * The library reads an ONNX graph (never the payload of its weights), describes every operator by what it computes and
 * moves, and lets a small NN-Former network with frozen weights estimate the latency on every platform it was
 * trained for. Nothing is run, no device is touched.
 *
 *     nnformer_predictor *predictor = NULL;
 *     nnformer_graph *graph = NULL;
 *     nnformer_error error = NNFORMER_ERROR_INIT;
 *     if (nnformer_predictor_create(&predictor, &error) == NNFORMER_OK &&
 *         nnformer_graph_open(&graph, "model.onnx", NULL, &error) == NNFORMER_OK) {
 *         double latency_ms[64];
 *         nnformer_predict(predictor, graph, latency_ms, 64, &error);
 *     }
 *     if (error.status != NNFORMER_OK) fprintf(stderr, "%s\n", error.message);
 *     nnformer_graph_destroy(graph);
 *     nnformer_predictor_destroy(predictor);
 *
 * Contents: 1. version, status, errors   2. predictor and platforms   3. graphs from ONNX
 *           4. predict   5. what a graph consists of   6. graphs node by node   7. features, for training
 *           8. accuracy of cells   9. how far to trust an estimate   10. what an estimate consists of
 *           11. calibration: a device of your own
 *
 * Rules that hold throughout
 *  - Ownership: whatever function made a handle (_create, _open, _open_in_precision, _parse, _finish, _fit,
 *    _add_platforms), it is freed by the _destroy of its type; _destroy(NULL) does nothing. The caller keeps what it passes
 *    in and may free it on return. A returned const char * is UTF-8, ends in NUL, and lives as long as the handle it came
 *    from (static where there is no handle).
 *  - Errors: every function that can fail returns a status; NNFORMER_OK is 0. A nnformer_error may be passed to learn
 *    more, or NULL; success resets it. On failure, out-handles are NULL and buffers are untouched. Unknown status values
 *    are legal: newer libraries may return them. No input aborts the process.
 *  - Structures: struct_size comes first and holds sizeof the structure the caller was compiled with: use the _INIT macros. The
 *    library reads and writes no more than that, and refuses a size that is too small with NNFORMER_INVALID_ARGUMENT.
 *  - Threads: a builder, a session, a cell list and a calibration belong to one thread at a time, even where they are only
 *    read. All else, such as a predictor and a graph, never changes once made and may be read by any number of threads at
 *    once. The library starts no threads but those that a session was asked for, prints nothing, reads no environment variable.
 *  - Stack: a call needs less than 512 KiB, whatever its input (the most that was seen is 112 KiB, subgraphs nested 8 deep on
 *    x86-64): give threads of your own at least that.
 *  - Limits: Documentation/Features.md lists what a model may ask for; beyond it is NNFORMER_LIMIT_EXCEEDED.
 *  - Loading: a process that has loaded the library keeps it: dlclose does not unload it, and loading it again finds it as it was.
 *  - Units: milliseconds, bytes, multiply-accumulates (MACs), floating-point operations (FLOPs, two a MAC).
 */
#ifndef NNFORMER_H
#define NNFORMER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#define NNFORMER_NULLABLE _Nullable
#else
#define NNFORMER_NULLABLE
#endif

/* ------------------------------------------------------------------ 1. version, status, errors */

#define NNFORMER_VERSION_MAJOR 0
#define NNFORMER_VERSION_MINOR 1
#define NNFORMER_VERSION_PATCH 0

/* Raised when a program compiled against an older header could misbehave. */
#define NNFORMER_ABI_VERSION 0

/* Version of the library that is loaded, "major.minor.patch". Since 0.1. */
const char *NNFORMER_NULLABLE nnformer_version(void);

/* NNFORMER_ABI_VERSION of the library that is loaded. Since 0.1. */
uint32_t nnformer_abi_version(void);

typedef int32_t nnformer_status;

#define NNFORMER_OK 0
#define NNFORMER_INVALID_ARGUMENT 1     /* a null pointer, an index out of range, a buffer too small */
#define NNFORMER_INPUT_OUTPUT 2         /* a file could not be opened, read or written */
#define NNFORMER_MALFORMED_INPUT 3      /* not ONNX, truncated, inconsistent */
#define NNFORMER_LIMIT_EXCEEDED 4       /* valid, but larger than the library handles or there is memory for */
#define NNFORMER_OPEN_AXIS 5            /* an axis of an input is open: give its extent in nnformer_graph_options */
#define NNFORMER_INVALID_MODEL 6        /* shapes or types contradict each other; samples that cannot be fitted */
#define NNFORMER_NOT_FOUND 7            /* no such platform, input, search space or dataset */
#define NNFORMER_INCOMPATIBLE_WEIGHTS 8 /* a weights file of another format or feature schema */
#define NNFORMER_INTERNAL_ERROR 9       /* a defect of this library */

/* "invalid argument" and so on; "unknown status" for a number this library does not know. Since 0.1. */
const char *NNFORMER_NULLABLE nnformer_status_name(nnformer_status status);

#define NNFORMER_ERROR_MESSAGE_SIZE 512
#define NNFORMER_NO_BYTE_OFFSET UINT64_MAX

typedef struct nnformer_error {
  uint32_t struct_size;
  nnformer_status status;
  uint64_t byte_offset;                        /* into the file, or NNFORMER_NO_BYTE_OFFSET */
  char message[NNFORMER_ERROR_MESSAGE_SIZE];   /* one line: what, where, what to do; always ends in NUL */
} nnformer_error;

#define NNFORMER_ERROR_INIT { (uint32_t)sizeof(nnformer_error), NNFORMER_OK, NNFORMER_NO_BYTE_OFFSET, { 0 } }

/* ------------------------------------------------------------------ 2. predictor and platforms */

/* Weights and the platforms they know. */
typedef struct nnformer_predictor nnformer_predictor;

/* Opens the weights inside the library. Since 0.1. */
nnformer_status nnformer_predictor_create(nnformer_predictor *NNFORMER_NULLABLE *NNFORMER_NULLABLE predictor,
                                          nnformer_error *NNFORMER_NULLABLE error);

/* Opens a weights file (safetensors). NNFORMER_INCOMPATIBLE_WEIGHTS if it was made for other features. Since 0.1. */
nnformer_status nnformer_predictor_open(nnformer_predictor *NNFORMER_NULLABLE *NNFORMER_NULLABLE predictor,
                                        const char *NNFORMER_NULLABLE path,
                                        nnformer_error *NNFORMER_NULLABLE error);

/*
 * How exactly products are taken. By default, estimates of the weights inside the library are within 1e-4 of double precision
 * for networks (2e-4 for graphs of operators mixed at random); for wide weights of your own allow 5e-3, as the golden tests do
 * for random ones of width 512. NNFORMER_PRECISION_FAST takes 8-bit integers, where the processor has instructions for them
 * (AVX-512 VNNI): for wide weights of your own. Estimates of width 512 take three fifths of the time, those of the weights
 * inside the library, of width 64, nearly all of it; the latter move by 0.1 % in the mean, what others do is for their maker
 * to measure.
 */
#define NNFORMER_PRECISION_DEFAULT 0
#define NNFORMER_PRECISION_FAST 1

/* As nnformer_predictor_open, in one of these precisions; path NULL stands for the weights inside the library. Since 0.1. */
nnformer_status nnformer_predictor_open_in_precision(
    nnformer_predictor *NNFORMER_NULLABLE *NNFORMER_NULLABLE predictor, const char *NNFORMER_NULLABLE path,
    int32_t precision, nnformer_error *NNFORMER_NULLABLE error);

void nnformer_predictor_destroy(nnformer_predictor *NNFORMER_NULLABLE predictor);

/* Number of platforms; 0 for NULL. Since 0.1. */
size_t nnformer_predictor_platform_count(const nnformer_predictor *NNFORMER_NULLABLE predictor);

#define NNFORMER_QUANTITY_LATENCY 0        /* milliseconds of one run of the graph */
#define NNFORMER_QUANTITY_TIME_PER_IMAGE 1 /* milliseconds per image of a saturated device, the graph given at batch 1 */

typedef struct nnformer_platform {
  uint32_t struct_size;
  int32_t quantity;                            /* NNFORMER_QUANTITY_... */
  const char *NNFORMER_NULLABLE id;            /* "2080ti-pytorch-fp32" */
  const char *NNFORMER_NULLABLE device;
  const char *NNFORMER_NULLABLE runtime;
  const char *NNFORMER_NULLABLE precision;
  const char *NNFORMER_NULLABLE source;        /* who measured the labels */
  const char *NNFORMER_NULLABLE licence;       /* licence of the labels */
  size_t label_set_count;
} nnformer_platform;

#define NNFORMER_PLATFORM_INIT { (uint32_t)sizeof(nnformer_platform), 0, NULL, NULL, NULL, NULL, NULL, NULL, 0 }

/* Describes platform `index`. Strings live as long as the predictor. Since 0.1. */
nnformer_status nnformer_predictor_get_platform(const nnformer_predictor *NNFORMER_NULLABLE predictor, size_t index,
                                                nnformer_platform *NNFORMER_NULLABLE platform,
                                                nnformer_error *NNFORMER_NULLABLE error);

/* Index of the platform with that id; NNFORMER_NOT_FOUND, and the nearest ids in the message, if there is none. Since 0.1. */
nnformer_status nnformer_predictor_find_platform(const nnformer_predictor *NNFORMER_NULLABLE predictor,
                                                 const char *NNFORMER_NULLABLE id, size_t *NNFORMER_NULLABLE index,
                                                 nnformer_error *NNFORMER_NULLABLE error);

/* One column of measurements that a platform was trained on, and how well networks of it held out from training are met. */
typedef struct nnformer_label_set {
  uint32_t struct_size;
  uint32_t batch_size;
  const char *NNFORMER_NULLABLE file;
  const char *NNFORMER_NULLABLE column;
  const char *NNFORMER_NULLABLE family;        /* family of networks: "nasbench201" */
  uint64_t training_networks;
  uint64_t validation_networks;
  double mape_percent;                         /* mean absolute percentage error on validation networks */
  double within_10_percent;                    /* percent of validation networks met within 10 % */
  double spearman;                             /* rank correlation on validation networks */
} nnformer_label_set;

#define NNFORMER_LABEL_SET_INIT { (uint32_t)sizeof(nnformer_label_set), 0, NULL, NULL, NULL, 0, 0, 0.0, 0.0, 0.0 }

/* Describes label set `index` of platform `platform`. Since 0.1. */
nnformer_status nnformer_predictor_get_label_set(const nnformer_predictor *NNFORMER_NULLABLE predictor, size_t platform,
                                                 size_t index, nnformer_label_set *NNFORMER_NULLABLE label_set,
                                                 nnformer_error *NNFORMER_NULLABLE error);

/* ------------------------------------------------------------------ 3. graphs from ONNX */

/* A network: operators, shapes, costs. */
typedef struct nnformer_graph nnformer_graph;

/* The shape of one input of the model. */
typedef struct nnformer_input_shape {
  const char *NNFORMER_NULLABLE name;          /* NULL: the model's only input */
  const int64_t *NNFORMER_NULLABLE extents;    /* -1 leaves an axis as the file has it */
  size_t rank;
} nnformer_input_shape;

/* Keeps nodes whose result no output needs. Off by default: a runtime would not execute them. */
#define NNFORMER_KEEP_UNUSED_NODES 1u

typedef struct nnformer_graph_options {
  uint32_t struct_size;
  uint32_t flags;                              /* NNFORMER_KEEP_UNUSED_NODES or 0 */
  int64_t batch_size;                          /* extent of the first axis of every input; 0 leaves it as it is */
  const nnformer_input_shape *NNFORMER_NULLABLE input_shapes;
  size_t input_shape_count;
} nnformer_graph_options;

#define NNFORMER_GRAPH_OPTIONS_INIT { (uint32_t)sizeof(nnformer_graph_options), 0, 0, NULL, 0 }

/*
 * Reads an .onnx file. Payloads of weights are skipped: cost and memory follow the graph, not the file. A file that
 * is truncated meanwhile is NNFORMER_INPUT_OUTPUT. NNFORMER_OPEN_AXIS names the input and the axis that options must fix. Since 0.1.
 */
nnformer_status nnformer_graph_open(nnformer_graph *NNFORMER_NULLABLE *NNFORMER_NULLABLE graph,
                                    const char *NNFORMER_NULLABLE path,
                                    const nnformer_graph_options *NNFORMER_NULLABLE options,
                                    nnformer_error *NNFORMER_NULLABLE error);

/* The same from bytes in memory, which are not needed after the call. Since 0.1. */
nnformer_status nnformer_graph_parse(nnformer_graph *NNFORMER_NULLABLE *NNFORMER_NULLABLE graph,
                                     const void *NNFORMER_NULLABLE bytes, size_t size,
                                     const nnformer_graph_options *NNFORMER_NULLABLE options,
                                     nnformer_error *NNFORMER_NULLABLE error);

void nnformer_graph_destroy(nnformer_graph *NNFORMER_NULLABLE graph);

/* ------------------------------------------------------------------ 4. predict */

/*
 * Estimates the graph on every platform: latency_ms[i] belongs to platform i, `capacity` is at least the number of
 * platforms. One pass serves all platforms. Since 0.1.
 */
nnformer_status nnformer_predict(const nnformer_predictor *NNFORMER_NULLABLE predictor,
                                 const nnformer_graph *NNFORMER_NULLABLE graph, double *NNFORMER_NULLABLE latency_ms,
                                 size_t capacity, nnformer_error *NNFORMER_NULLABLE error);

/*
 * A session is for estimates one after another: it keeps the memory that they work in, so that a call that needs no more
 * than an earlier one allocates nothing, and it spreads many graphs over threads. It belongs to one thread at a time. Its
 * predictor may be destroyed before it.
 */
typedef struct nnformer_session nnformer_session;

#define NNFORMER_MAXIMUM_THREAD_COUNT 256

/*
 * `thread_count` is from 1, the caller's thread alone, to NNFORMER_MAXIMUM_THREAD_COUNT. Threads are started by a call of
 * nnformer_session_predict and have ended when it returns. Since 0.1.
 */
nnformer_status nnformer_session_create(nnformer_session *NNFORMER_NULLABLE *NNFORMER_NULLABLE session,
                                        const nnformer_predictor *NNFORMER_NULLABLE predictor, size_t thread_count,
                                        nnformer_error *NNFORMER_NULLABLE error);

void nnformer_session_destroy(nnformer_session *NNFORMER_NULLABLE session);

/*
 * Estimates every graph on every platform: latency_ms[g * platforms + i] belongs to graph g and platform i, `capacity` is
 * at least graph_count * platforms. Graphs that are alike share work, so many in one call take less time than one by one.
 * The bits are those of nnformer_predict, whatever else is in the call and however many threads. Since 0.1.
 */
nnformer_status nnformer_session_predict(nnformer_session *NNFORMER_NULLABLE session,
                                         const nnformer_graph *NNFORMER_NULLABLE const *NNFORMER_NULLABLE graphs,
                                         size_t graph_count, double *NNFORMER_NULLABLE latency_ms, size_t capacity,
                                         nnformer_error *NNFORMER_NULLABLE error);

/* ------------------------------------------------------------------ 5. what a graph consists of */

typedef struct nnformer_graph_summary {
  uint32_t struct_size;
  uint32_t unknown_operator_count;             /* kinds of operators the library does not know */
  uint64_t node_count;
  uint64_t edge_count;
  uint64_t batch_size;
  uint64_t parameters;
  uint64_t macs;
  uint64_t flops;
  uint64_t bytes_read;
  uint64_t bytes_written;
} nnformer_graph_summary;

#define NNFORMER_GRAPH_SUMMARY_INIT { (uint32_t)sizeof(nnformer_graph_summary), 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/* Since 0.1. */
nnformer_status nnformer_graph_summarize(const nnformer_graph *NNFORMER_NULLABLE graph,
                                         nnformer_graph_summary *NNFORMER_NULLABLE summary,
                                         nnformer_error *NNFORMER_NULLABLE error);

typedef struct nnformer_node {
  uint32_t struct_size;
  uint32_t output_count;
  const char *NNFORMER_NULLABLE name;
  const char *NNFORMER_NULLABLE operator_name; /* "Conv"; "domain::Name" outside ONNX's own domain */
  uint64_t parameters;
  uint64_t macs;
  uint64_t flops;
  uint64_t bytes_read;
  uint64_t bytes_written;
  int32_t is_known;                            /* 0: an operator the library does not know */
  uint32_t input_count;
} nnformer_node;

#define NNFORMER_NODE_INIT { (uint32_t)sizeof(nnformer_node), 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0 }

/* Describes node `index`, in topological order. Strings live as long as the graph. Since 0.1. */
nnformer_status nnformer_graph_get_node(const nnformer_graph *NNFORMER_NULLABLE graph, size_t index,
                                        nnformer_node *NNFORMER_NULLABLE node,
                                        nnformer_error *NNFORMER_NULLABLE error);

/* Element types are ONNX's TensorProto.DataType; extents beyond `rank` are untouched. */
typedef struct nnformer_tensor_type {
  uint32_t struct_size;
  int32_t element_type;
  int32_t rank;                                /* -1: unknown */
  uint32_t reserved;
  int64_t extents[64];                         /* -1: unknown, as with data-dependent results */
} nnformer_tensor_type;

#define NNFORMER_TENSOR_TYPE_INIT { (uint32_t)sizeof(nnformer_tensor_type), 0, -1, 0, { 0 } }

/* Type of output `output` of node `node`. Since 0.1. */
nnformer_status nnformer_graph_get_output_type(const nnformer_graph *NNFORMER_NULLABLE graph, size_t node, size_t output,
                                               nnformer_tensor_type *NNFORMER_NULLABLE type,
                                               nnformer_error *NNFORMER_NULLABLE error);

/* Type of input `input` of node `node`; rank -1 and element type 0 for an optional input left out. Since 0.1. */
nnformer_status nnformer_graph_get_input_type(const nnformer_graph *NNFORMER_NULLABLE graph, size_t node, size_t input,
                                              nnformer_tensor_type *NNFORMER_NULLABLE type,
                                              nnformer_error *NNFORMER_NULLABLE error);

/* Name of the `index`-th kind of unknown operator, NULL past the last. Since 0.1. */
const char *NNFORMER_NULLABLE nnformer_graph_unknown_operator(const nnformer_graph *NNFORMER_NULLABLE graph,
                                                              size_t index);

/* Bytes of a graph hash. */
#define NNFORMER_GRAPH_HASH_SIZE 16

/*
 * A hash of structure, shapes and attributes that does not depend on names nor on the order of nodes. Graphs with equal hashes
 * get equal estimates, but for chance and for graphs so symmetric that colour refinement (Weisfeiler and Leman's) cannot
 * tell them apart. The converse does not hold: what no feature says, such as the slope of a LeakyRelu, is in the hash.
 * Not cryptographic. Since 0.1.
 */
nnformer_status nnformer_graph_hash(const nnformer_graph *NNFORMER_NULLABLE graph,
                                    uint8_t *NNFORMER_NULLABLE hash, size_t capacity,
                                    nnformer_error *NNFORMER_NULLABLE error);

/* ------------------------------------------------------------------ 6. graphs node by node
 * For programs with an intermediate representation of their own. Names tie nodes together as in ONNX; operators, their
 * attributes and the order of their inputs are ONNX's, operator set 17 unless stated otherwise. Nodes may come in any order.
 * A call that fails changes nothing.
 */

typedef struct nnformer_graph_builder nnformer_graph_builder;

/* `operator_set` 0 means 17. Since 0.1. */
nnformer_status nnformer_graph_builder_create(nnformer_graph_builder *NNFORMER_NULLABLE *NNFORMER_NULLABLE builder,
                                              int64_t operator_set, nnformer_error *NNFORMER_NULLABLE error);

void nnformer_graph_builder_destroy(nnformer_graph_builder *NNFORMER_NULLABLE builder);

/*
 * An input of the network; `element_type` is ONNX's TensorProto.DataType, 1 for float. An extent of -1 leaves the axis
 * open: options of _finish fix it. Since 0.1.
 */
nnformer_status nnformer_graph_builder_add_input(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                                 const char *NNFORMER_NULLABLE name, int32_t element_type,
                                                 const int64_t *NNFORMER_NULLABLE extents, size_t rank,
                                                 nnformer_error *NNFORMER_NULLABLE error);

/* A trained constant, of which only the shape matters. Since 0.1. */
nnformer_status nnformer_graph_builder_add_parameter(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                                     const char *NNFORMER_NULLABLE name, int32_t element_type,
                                                     const int64_t *NNFORMER_NULLABLE extents, size_t rank,
                                                     nnformer_error *NNFORMER_NULLABLE error);

/* A constant of rank 1 whose values shape other tensors: the target of Reshape, the axes of ReduceMean. Since 0.1. */
nnformer_status nnformer_graph_builder_add_integers(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                                    const char *NNFORMER_NULLABLE name,
                                                    const int64_t *NNFORMER_NULLABLE values, size_t count,
                                                    nnformer_error *NNFORMER_NULLABLE error);

/* The same for floating-point values: the scales of Resize. Since 0.1. */
nnformer_status nnformer_graph_builder_add_floats(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                                  const char *NNFORMER_NULLABLE name,
                                                  const float *NNFORMER_NULLABLE values, size_t count,
                                                  nnformer_error *NNFORMER_NULLABLE error);

/*
 * The node that following attributes belong to; "" or NULL among `inputs` leaves out an optional one, among `outputs` one
 * that nobody reads. `operator_name` is "Conv", or "domain::Name" (of version 1) outside ONNX's own domain. Since 0.1.
 */
nnformer_status nnformer_graph_builder_add_node(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                                const char *NNFORMER_NULLABLE operator_name,
                                                const char *NNFORMER_NULLABLE const *NNFORMER_NULLABLE inputs,
                                                size_t input_count,
                                                const char *NNFORMER_NULLABLE const *NNFORMER_NULLABLE outputs,
                                                size_t output_count, nnformer_error *NNFORMER_NULLABLE error);

/* Attributes of the node added last; a name set again takes the later value. Since 0.1. */
nnformer_status nnformer_graph_builder_set_int(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                               const char *NNFORMER_NULLABLE name, int64_t value,
                                               nnformer_error *NNFORMER_NULLABLE error);
nnformer_status nnformer_graph_builder_set_ints(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                                const char *NNFORMER_NULLABLE name,
                                                const int64_t *NNFORMER_NULLABLE values, size_t count,
                                                nnformer_error *NNFORMER_NULLABLE error);
nnformer_status nnformer_graph_builder_set_float(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                                 const char *NNFORMER_NULLABLE name, float value,
                                                 nnformer_error *NNFORMER_NULLABLE error);
nnformer_status nnformer_graph_builder_set_floats(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                                  const char *NNFORMER_NULLABLE name,
                                                  const float *NNFORMER_NULLABLE values, size_t count,
                                                  nnformer_error *NNFORMER_NULLABLE error);
nnformer_status nnformer_graph_builder_set_string(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                                  const char *NNFORMER_NULLABLE name,
                                                  const char *NNFORMER_NULLABLE value,
                                                  nnformer_error *NNFORMER_NULLABLE error);

/* An output of the network: what it does not need is left out. Without any, nothing is. Since 0.1. */
nnformer_status nnformer_graph_builder_add_output(nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                                  const char *NNFORMER_NULLABLE name,
                                                  nnformer_error *NNFORMER_NULLABLE error);

/* Makes the graph; the builder stays as it is and can be extended or finished again. Since 0.1. */
nnformer_status nnformer_graph_builder_finish(const nnformer_graph_builder *NNFORMER_NULLABLE builder,
                                              nnformer_graph *NNFORMER_NULLABLE *NNFORMER_NULLABLE graph,
                                              const nnformer_graph_options *NNFORMER_NULLABLE options,
                                              nnformer_error *NNFORMER_NULLABLE error);

/* ------------------------------------------------------------------ 7. features, for training
 * What the predictor sees of a graph; Documentation/Model.md and Documentation/Features.md define it.
 */

/* Raised whenever features mean something else; weights state the schema they were trained on. Since 0.1. */
uint32_t nnformer_feature_schema_version(void);

/* Features of a node, and of a graph. Since 0.1. */
size_t nnformer_feature_count(void);
size_t nnformer_graph_feature_count(void);

/* Name of a feature, NULL past the last. Since 0.1. */
const char *NNFORMER_NULLABLE nnformer_feature_name(size_t index);
const char *NNFORMER_NULLABLE nnformer_graph_feature_name(size_t index);

/* Node features, row-major [node_count × feature_count]; `capacity` in floats. Since 0.1. */
nnformer_status nnformer_graph_copy_features(const nnformer_graph *NNFORMER_NULLABLE graph,
                                             float *NNFORMER_NULLABLE features, size_t capacity,
                                             nnformer_error *NNFORMER_NULLABLE error);

/* Graph features [graph_feature_count]. Since 0.1. */
nnformer_status nnformer_graph_copy_graph_features(const nnformer_graph *NNFORMER_NULLABLE graph,
                                                   float *NNFORMER_NULLABLE features, size_t capacity,
                                                   nnformer_error *NNFORMER_NULLABLE error);

#define NNFORMER_RELATION_SUCCESSORS 0
#define NNFORMER_RELATION_PREDECESSORS 1
#define NNFORMER_RELATION_CO_CHILDREN 2   /* nodes that share a parent */
#define NNFORMER_RELATION_CO_PARENTS 3    /* nodes that share a child */

/* Number of entries of a relation. Since 0.1. */
nnformer_status nnformer_graph_relation_size(const nnformer_graph *NNFORMER_NULLABLE graph, int32_t relation,
                                             size_t *NNFORMER_NULLABLE size, nnformer_error *NNFORMER_NULLABLE error);

/*
 * A relation as compressed rows: entries of node i are indices[offsets[i]] .. indices[offsets[i + 1] - 1], ascending.
 * `offsets` holds node_count + 1 numbers. Since 0.1.
 */
nnformer_status nnformer_graph_copy_relation(const nnformer_graph *NNFORMER_NULLABLE graph, int32_t relation,
                                             uint32_t *NNFORMER_NULLABLE offsets, size_t offset_capacity,
                                             uint32_t *NNFORMER_NULLABLE indices, size_t index_capacity,
                                             nnformer_error *NNFORMER_NULLABLE error);

/* ------------------------------------------------------------------ 8. accuracy of cells
 * How well a network built of a cell will do once trained, without training it: for ranking the cells of a search space.
 * Cells that compute the same get the same estimate. Documentation/Accuracy.md says how good the estimates are.
 *
 *     nnformer_cell_list *cells = NULL;
 *     nnformer_accuracy_predictor *predictor = NULL;
 *     size_t dataset;
 *     double accuracy_percent[1];
 *     if (nnformer_accuracy_predictor_create(&predictor, &error) == NNFORMER_OK &&
 *         nnformer_accuracy_predictor_find_dataset(predictor, "nasbench201", "cifar10", &dataset, &error) == NNFORMER_OK &&
 *         nnformer_cell_list_create(&cells, "nasbench201", &error) == NNFORMER_OK &&
 *         nnformer_cell_list_add_architecture(
 *             cells, "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|nor_conv_1x1~2|", &error) == NNFORMER_OK)
 *         nnformer_accuracy_predict(predictor, cells, dataset, accuracy_percent, 1, &error);
 */

/* Cells of one search space. Belongs to one thread at a time, even when it is only read: what is derived is kept in it. */
typedef struct nnformer_cell_list nnformer_cell_list;

/* An empty list; `space` is "nasbench201" or "nasbench101", NNFORMER_NOT_FOUND for any other. Since 0.1. */
nnformer_status nnformer_cell_list_create(nnformer_cell_list *NNFORMER_NULLABLE *NNFORMER_NULLABLE list,
                                          const char *NNFORMER_NULLABLE space, nnformer_error *NNFORMER_NULLABLE error);

void nnformer_cell_list_destroy(nnformer_cell_list *NNFORMER_NULLABLE list);

/* Number of cells; 0 for NULL. Since 0.1. */
size_t nnformer_cell_list_count(const nnformer_cell_list *NNFORMER_NULLABLE list);

/*
 * Appends a cell of NAS-Bench-201, "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|", where op is none, skip_connect, avg_pool_3x3, nor_conv_1x1 or
 * nor_conv_3x3. NNFORMER_MALFORMED_INPUT says where another text differs from that; a call that fails changes nothing. Since 0.1.
 */
nnformer_status nnformer_cell_list_add_architecture(nnformer_cell_list *NNFORMER_NULLABLE list,
                                                    const char *NNFORMER_NULLABLE architecture,
                                                    nnformer_error *NNFORMER_NULLABLE error);

/*
 * Appends a cell of NAS-Bench-101: `adjacency` is row-major [vertex_count × vertex_count], 1 where the row's vertex feeds the
 * column's, else 0; `operations` are "input", then any of conv1x1-bn-relu, conv3x3-bn-relu, maxpool3x3, last "output". 2 to 7 vertices in any
 * order without a cycle; vertices off every path from input to output are dropped, at most 9 edges remain.
 * NNFORMER_MALFORMED_INPUT says what is wrong with any other; a call that fails changes nothing. Since 0.1.
 */
nnformer_status nnformer_cell_list_add_matrix(nnformer_cell_list *NNFORMER_NULLABLE list,
                                              const uint8_t *NNFORMER_NULLABLE adjacency, size_t vertex_count,
                                              const char *NNFORMER_NULLABLE const *NNFORMER_NULLABLE operations,
                                              nnformer_error *NNFORMER_NULLABLE error);

/* Accuracy weights and the datasets they know. Never changes once made; any number of threads may share it. */
typedef struct nnformer_accuracy_predictor nnformer_accuracy_predictor;

/* Opens the accuracy weights inside the library. Since 0.1. */
nnformer_status nnformer_accuracy_predictor_create(
    nnformer_accuracy_predictor *NNFORMER_NULLABLE *NNFORMER_NULLABLE predictor, nnformer_error *NNFORMER_NULLABLE error);

/* Opens a file of accuracy weights (safetensors). NNFORMER_INCOMPATIBLE_WEIGHTS if it is of another kind. Since 0.1. */
nnformer_status nnformer_accuracy_predictor_open(
    nnformer_accuracy_predictor *NNFORMER_NULLABLE *NNFORMER_NULLABLE predictor, const char *NNFORMER_NULLABLE path,
    nnformer_error *NNFORMER_NULLABLE error);

void nnformer_accuracy_predictor_destroy(nnformer_accuracy_predictor *NNFORMER_NULLABLE predictor);

/* Number of datasets, of all search spaces; 0 for NULL. Since 0.1. */
size_t nnformer_accuracy_predictor_dataset_count(const nnformer_accuracy_predictor *NNFORMER_NULLABLE predictor);

/* Accuracies that cells of a search space were trained on. */
typedef struct nnformer_accuracy_dataset {
  uint32_t struct_size;
  uint32_t reserved;
  const char *NNFORMER_NULLABLE space;         /* "nasbench201" */
  const char *NNFORMER_NULLABLE id;            /* "cifar10" */
  const char *NNFORMER_NULLABLE quantity;      /* "test accuracy after 200 epochs" */
  const char *NNFORMER_NULLABLE source;        /* who measured the labels */
  const char *NNFORMER_NULLABLE licence;       /* licence of the labels */
  uint64_t training_cells;
  uint64_t validation_cells;
  double kendall_tau;                          /* rank correlation on validation cells; NaN where not measured */
} nnformer_accuracy_dataset;

#define NNFORMER_ACCURACY_DATASET_INIT \
  { (uint32_t)sizeof(nnformer_accuracy_dataset), 0, NULL, NULL, NULL, NULL, NULL, 0, 0, 0.0 }

/* Describes dataset `index`. Strings live as long as the predictor. Since 0.1. */
nnformer_status nnformer_accuracy_predictor_get_dataset(
    const nnformer_accuracy_predictor *NNFORMER_NULLABLE predictor, size_t index,
    nnformer_accuracy_dataset *NNFORMER_NULLABLE dataset, nnformer_error *NNFORMER_NULLABLE error);

/* Index of a space's dataset; NNFORMER_NOT_FOUND, and those that there are in the message, if there is none. Since 0.1. */
nnformer_status nnformer_accuracy_predictor_find_dataset(
    const nnformer_accuracy_predictor *NNFORMER_NULLABLE predictor, const char *NNFORMER_NULLABLE space,
    const char *NNFORMER_NULLABLE id, size_t *NNFORMER_NULLABLE index, nnformer_error *NNFORMER_NULLABLE error);

/*
 * Estimates every cell on dataset `dataset`: accuracy_percent[i] belongs to cell i, `capacity` is at least the number of cells.
 * Equal cells are computed once. Since 0.1.
 */
nnformer_status nnformer_accuracy_predict(const nnformer_accuracy_predictor *NNFORMER_NULLABLE predictor,
                                          const nnformer_cell_list *NNFORMER_NULLABLE list, size_t dataset,
                                          double *NNFORMER_NULLABLE accuracy_percent, size_t capacity,
                                          nnformer_error *NNFORMER_NULLABLE error);

/*
 * What the predictor sees, for training; Documentation/Accuracy.md defines it. Nodes are numbered through the list: the cells'
 * class tokens, their depth tokens, then the nodes of the first cell, of the second, and so on.
 */

/* Raised whenever features mean something else; weights state the schema they were trained on. Since 0.1. */
uint32_t nnformer_cell_schema_version(void);

/* Features of a node. Since 0.1. */
size_t nnformer_cell_feature_count(void);

/* Number of nodes and of entries of a relation (NNFORMER_RELATION_...) of the whole list. Since 0.1. */
nnformer_status nnformer_cell_list_encoding_size(const nnformer_cell_list *NNFORMER_NULLABLE list, int32_t relation,
                                                 size_t *NNFORMER_NULLABLE node_count, size_t *NNFORMER_NULLABLE entry_count,
                                                 nnformer_error *NNFORMER_NULLABLE error);

/* Node features, row-major [node_count × feature_count]; `capacity` in floats. Since 0.1. */
nnformer_status nnformer_cell_list_copy_features(const nnformer_cell_list *NNFORMER_NULLABLE list,
                                                 float *NNFORMER_NULLABLE features, size_t capacity,
                                                 nnformer_error *NNFORMER_NULLABLE error);

/* A relation as compressed rows, as with nnformer_graph_copy_relation. Since 0.1. */
nnformer_status nnformer_cell_list_copy_relation(const nnformer_cell_list *NNFORMER_NULLABLE list, int32_t relation,
                                                 uint32_t *NNFORMER_NULLABLE offsets, size_t offset_capacity,
                                                 uint32_t *NNFORMER_NULLABLE indices, size_t index_capacity,
                                                 nnformer_error *NNFORMER_NULLABLE error);

/* ------------------------------------------------------------------ 9. how far to trust an estimate
 * Documentation/Trust.md says how intervals and scores come about and how well they hold.
 */

/* An estimate on one platform, and how far it can be trusted. */
typedef struct nnformer_estimate {
  uint32_t struct_size;
  uint32_t unseen_operator_count;              /* kinds of operators of the graph that the platform's training graphs lack */
  double latency_ms;                           /* as nnformer_predict says */
  double lower_ms;                             /* 90 % interval; NaN where the weights have no intervals */
  double upper_ms;
  double in_domain_score;                      /* 0..1, 1 for a graph like those trained on; NaN where unknown */
} nnformer_estimate;

#define NNFORMER_ESTIMATE_INIT { (uint32_t)sizeof(nnformer_estimate), 0, 0.0, 0.0, 0.0, 0.0 }

/*
 * Below this score a graph lies outside what a platform was trained on. So does one with an operator that the platform's training
 * graphs lack, whatever the score: nnformer predict and the Python package mark an estimate for either.
 */
#define NNFORMER_IN_DOMAIN_SCORE 0.5

/*
 * Estimates the graph on every platform from one pass of the network: estimates[i] belongs to platform i, `capacity` is at least
 * the number of platforms. Each element has its struct_size set, all the same: it says how far apart they lie. A calibrated
 * platform knows no operators of its own: it lacks those that all platforms lack that it is made of. Since 0.1.
 */
nnformer_status nnformer_predict_estimates(const nnformer_predictor *NNFORMER_NULLABLE predictor,
                                           const nnformer_graph *NNFORMER_NULLABLE graph,
                                           nnformer_estimate *NNFORMER_NULLABLE estimates, size_t capacity,
                                           nnformer_error *NNFORMER_NULLABLE error);

/*
 * Name of the `index`-th kind of operator of the graph that the training graphs of platform `platform` lack, NULL past the last
 * and where the weights do not know. Lives as long as the graph. Since 0.1.
 */
const char *NNFORMER_NULLABLE nnformer_predictor_unseen_operator(const nnformer_predictor *NNFORMER_NULLABLE predictor,
                                                                 const nnformer_graph *NNFORMER_NULLABLE graph,
                                                                 size_t platform, size_t index);

/* ------------------------------------------------------------------ 10. what an estimate consists of */

/* An estimate on one platform as a sum over the graph's nodes and blocks. Never changes once made. */
typedef struct nnformer_explanation nnformer_explanation;

/*
 * Explains the estimate of platform `platform`. NNFORMER_INCOMPATIBLE_WEIGHTS where the weights have the pooled head, whose
 * estimates are no sums. Since 0.1.
 */
nnformer_status nnformer_explanation_create(nnformer_explanation *NNFORMER_NULLABLE *NNFORMER_NULLABLE explanation,
                                            const nnformer_predictor *NNFORMER_NULLABLE predictor,
                                            const nnformer_graph *NNFORMER_NULLABLE graph, size_t platform,
                                            nnformer_error *NNFORMER_NULLABLE error);

void nnformer_explanation_destroy(nnformer_explanation *NNFORMER_NULLABLE explanation);

typedef struct nnformer_explanation_summary {
  uint32_t struct_size;
  uint32_t reserved;
  double latency_ms;                           /* fixed_ms and those of all nodes: the estimate */
  double fixed_ms;                             /* what a run takes whatever its nodes: start, return */
  uint64_t node_count;
  uint64_t block_count;
} nnformer_explanation_summary;

#define NNFORMER_EXPLANATION_SUMMARY_INIT { (uint32_t)sizeof(nnformer_explanation_summary), 0, 0.0, 0.0, 0, 0 }

/* Since 0.1. */
nnformer_status nnformer_explanation_summarize(const nnformer_explanation *NNFORMER_NULLABLE explanation,
                                               nnformer_explanation_summary *NNFORMER_NULLABLE summary,
                                               nnformer_error *NNFORMER_NULLABLE error);

/*
 * node_ms[i]: milliseconds of node i, not negative; node_blocks[i]: the block that it belongs to, if node_blocks is not NULL. Both
 * hold node_count numbers, `capacity` is at least that. Since 0.1.
 */
nnformer_status nnformer_explanation_copy_nodes(const nnformer_explanation *NNFORMER_NULLABLE explanation,
                                                double *NNFORMER_NULLABLE node_ms,
                                                uint32_t *NNFORMER_NULLABLE node_blocks, size_t capacity,
                                                nnformer_error *NNFORMER_NULLABLE error);

/* A part of the network that people speak of: by the scopes in the names of nodes, or a residual block. */
typedef struct nnformer_block {
  uint32_t struct_size;
  uint32_t node_count;
  const char *NNFORMER_NULLABLE name;
  double latency_ms;                           /* of its nodes */
} nnformer_block;

#define NNFORMER_BLOCK_INIT { (uint32_t)sizeof(nnformer_block), 0, NULL, 0.0 }

/* Describes block `index`, in the order of their first nodes. The name lives as long as the explanation. Since 0.1. */
nnformer_status nnformer_explanation_get_block(const nnformer_explanation *NNFORMER_NULLABLE explanation, size_t index,
                                               nnformer_block *NNFORMER_NULLABLE block,
                                               nnformer_error *NNFORMER_NULLABLE error);

/* ------------------------------------------------------------------ 11. calibration: a device of your own
 * A few measurements make a platform out of the known ones. Documentation/Calibration.md has a worked example and says how good
 * the result is.
 *
 *     nnformer_calibration *calibration = NULL;
 *     nnformer_calibrated_platform *mine = NULL;
 *     nnformer_predictor *extended = NULL;
 *     nnformer_calibration_create(&calibration, predictor, &error);
 *     for (i = 0; i < n; i++) nnformer_calibration_add_sample(calibration, graphs[i], measured_ms[i], &error);
 *     if (nnformer_calibration_fit(calibration, "mydevice-runtime-fp32", &mine, &error) == NNFORMER_OK &&
 *         nnformer_predictor_add_platforms(&extended, predictor, &mine, 1, &error) == NNFORMER_OK)
 *         ... the new platform is the last one of `extended`
 */

/*
 * Samples of one device, at most NNFORMER_MAXIMUM_SAMPLES. Belongs to one thread at a time. Its predictor may be destroyed
 * before it.
 */
typedef struct nnformer_calibration nnformer_calibration;

/* A platform that was fitted to samples. Never changes once made; any number of threads and predictors may share it. */
typedef struct nnformer_calibrated_platform nnformer_calibrated_platform;

#define NNFORMER_MINIMUM_SAMPLES 5    /* different graphs */
#define NNFORMER_MAXIMUM_SAMPLES 4096 /* measurements: each one of an equal graph counts */

/*
 * Without samples. A calibration builds on the platforms of the predictor's weights alone: those that
 * nnformer_predictor_add_platforms added count for nothing. Since 0.1.
 */
nnformer_status nnformer_calibration_create(nnformer_calibration *NNFORMER_NULLABLE *NNFORMER_NULLABLE calibration,
                                            const nnformer_predictor *NNFORMER_NULLABLE predictor,
                                            nnformer_error *NNFORMER_NULLABLE error);

void nnformer_calibration_destroy(nnformer_calibration *NNFORMER_NULLABLE calibration);

/*
 * Adds the measurement of a graph. NNFORMER_INVALID_ARGUMENT for a latency that is not positive and finite, and for one that
 * contradicts an earlier sample of an equal graph: more than a factor of 1.5 apart. Closer ones count as one sample, their
 * geometric mean. NNFORMER_LIMIT_EXCEEDED for a measurement beyond NNFORMER_MAXIMUM_SAMPLES. A call that fails changes
 * nothing. Since 0.1.
 */
nnformer_status nnformer_calibration_add_sample(nnformer_calibration *NNFORMER_NULLABLE calibration,
                                                const nnformer_graph *NNFORMER_NULLABLE graph, double latency_ms,
                                                nnformer_error *NNFORMER_NULLABLE error);

/*
 * Fits a platform to the samples; `id`, of 1 to 256 bytes, is what predictors will call it. NNFORMER_INVALID_ARGUMENT for another
 * id, for fewer than NNFORMER_MINIMUM_SAMPLES different graphs, and for graphs that the known platforms cannot tell apart;
 * NNFORMER_INVALID_MODEL where sizes or latencies are so far out of range that nothing can be fitted; NNFORMER_LIMIT_EXCEEDED for
 * more than 512 samples on weights of more than about 500 platforms. The calibration keeps its samples and can be fitted again
 * with more. Takes milliseconds for tens of samples on the weights inside the library; time grows with samples, platforms, and
 * the smaller of the two once more. Since 0.1.
 */
nnformer_status nnformer_calibration_fit(const nnformer_calibration *NNFORMER_NULLABLE calibration,
                                         const char *NNFORMER_NULLABLE id,
                                         nnformer_calibrated_platform *NNFORMER_NULLABLE *NNFORMER_NULLABLE platform,
                                         nnformer_error *NNFORMER_NULLABLE error);

/*
 * Which of `graphs` to measure first, for a calibration to learn most: indices[0..index_count-1], different and most telling
 * first; NNFORMER_INVALID_ARGUMENT for more than there are different graphs, NNFORMER_LIMIT_EXCEEDED for more than could be fitted. Samples
 * of the calibration count as measured. Since 0.1.
 */
nnformer_status nnformer_calibration_suggest(const nnformer_calibration *NNFORMER_NULLABLE calibration,
                                             const nnformer_graph *NNFORMER_NULLABLE const *NNFORMER_NULLABLE graphs,
                                             size_t graph_count, size_t *NNFORMER_NULLABLE indices, size_t index_count,
                                             nnformer_error *NNFORMER_NULLABLE error);

/*
 * Writes a platform to a file (.nnfp), replacing what is there, as a whole or not at all. Symbolic links are followed; what is no
 * regular file (a pipe, a device, a link that leads nowhere) is NNFORMER_INPUT_OUTPUT. A file that is replaced keeps its permissions,
 * a new one has those that the umask leaves. Since 0.1.
 */
nnformer_status nnformer_calibrated_platform_save(const nnformer_calibrated_platform *NNFORMER_NULLABLE platform,
                                                  const char *NNFORMER_NULLABLE path,
                                                  nnformer_error *NNFORMER_NULLABLE error);

/* Reads a file of _save, of at most 1 MiB. Since 0.1. */
nnformer_status nnformer_calibrated_platform_open(
    nnformer_calibrated_platform *NNFORMER_NULLABLE *NNFORMER_NULLABLE platform, const char *NNFORMER_NULLABLE path,
    nnformer_error *NNFORMER_NULLABLE error);

void nnformer_calibrated_platform_destroy(nnformer_calibrated_platform *NNFORMER_NULLABLE platform);

typedef struct nnformer_calibration_report {
  uint32_t struct_size;
  uint32_t sample_count;                       /* different graphs */
  const char *NNFORMER_NULLABLE id;
  double leave_one_out_mape_percent;           /* mean absolute percentage error on each sample, fitted to the others */
  double leave_one_out_spearman;               /* rank correlation of these estimates with the measurements */
  uint32_t outlier_count;                      /* samples that the fit gave less than half their weight */
  uint32_t reserved;
} nnformer_calibration_report;

#define NNFORMER_CALIBRATION_REPORT_INIT { (uint32_t)sizeof(nnformer_calibration_report), 0, NULL, 0.0, 0.0, 0, 0 }

/* How well the platform meets its samples. The id lives as long as the platform. Since 0.1. */
nnformer_status nnformer_calibrated_platform_get_report(const nnformer_calibrated_platform *NNFORMER_NULLABLE platform,
                                                        nnformer_calibration_report *NNFORMER_NULLABLE report,
                                                        nnformer_error *NNFORMER_NULLABLE error);

/*
 * A predictor with the same weights, shared and not copied, that knows `platforms` after the platforms of `predictor`. The
 * arguments may be destroyed before it. NNFORMER_INCOMPATIBLE_WEIGHTS for a platform that was calibrated on other
 * weights or has numbers for more or fewer platforms than these, NNFORMER_INVALID_ARGUMENT for an id that is taken. Since 0.1.
 */
nnformer_status nnformer_predictor_add_platforms(
    nnformer_predictor *NNFORMER_NULLABLE *NNFORMER_NULLABLE extended,
    const nnformer_predictor *NNFORMER_NULLABLE predictor,
    const nnformer_calibrated_platform *NNFORMER_NULLABLE const *NNFORMER_NULLABLE platforms, size_t platform_count,
    nnformer_error *NNFORMER_NULLABLE error);

#ifdef __cplusplus
}
#endif

#endif /* NNFORMER_H */
