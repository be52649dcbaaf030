/* Prints "structure size" and "structure.field offset" lines: the layout that every binding must have. */
#include <nnformer.h>
#include <stddef.h>
#include <stdio.h>

#define SIZE(type) printf("%s %zu\n", #type, sizeof(type))
#define FIELD(type, field) printf("%s.%s %zu\n", #type, #field, offsetof(type, field))

int main(void) {
  SIZE(nnformer_error);
  FIELD(nnformer_error, struct_size);
  FIELD(nnformer_error, status);
  FIELD(nnformer_error, byte_offset);
  FIELD(nnformer_error, message);
  SIZE(nnformer_platform);
  FIELD(nnformer_platform, struct_size);
  FIELD(nnformer_platform, quantity);
  FIELD(nnformer_platform, id);
  FIELD(nnformer_platform, device);
  FIELD(nnformer_platform, runtime);
  FIELD(nnformer_platform, precision);
  FIELD(nnformer_platform, source);
  FIELD(nnformer_platform, licence);
  FIELD(nnformer_platform, label_set_count);
  SIZE(nnformer_label_set);
  FIELD(nnformer_label_set, struct_size);
  FIELD(nnformer_label_set, batch_size);
  FIELD(nnformer_label_set, file);
  FIELD(nnformer_label_set, column);
  FIELD(nnformer_label_set, family);
  FIELD(nnformer_label_set, training_networks);
  FIELD(nnformer_label_set, validation_networks);
  FIELD(nnformer_label_set, mape_percent);
  FIELD(nnformer_label_set, within_10_percent);
  FIELD(nnformer_label_set, spearman);
  SIZE(nnformer_input_shape);
  FIELD(nnformer_input_shape, name);
  FIELD(nnformer_input_shape, extents);
  FIELD(nnformer_input_shape, rank);
  SIZE(nnformer_graph_options);
  FIELD(nnformer_graph_options, struct_size);
  FIELD(nnformer_graph_options, flags);
  FIELD(nnformer_graph_options, batch_size);
  FIELD(nnformer_graph_options, input_shapes);
  FIELD(nnformer_graph_options, input_shape_count);
  SIZE(nnformer_graph_summary);
  FIELD(nnformer_graph_summary, struct_size);
  FIELD(nnformer_graph_summary, unknown_operator_count);
  FIELD(nnformer_graph_summary, node_count);
  FIELD(nnformer_graph_summary, edge_count);
  FIELD(nnformer_graph_summary, batch_size);
  FIELD(nnformer_graph_summary, parameters);
  FIELD(nnformer_graph_summary, macs);
  FIELD(nnformer_graph_summary, flops);
  FIELD(nnformer_graph_summary, bytes_read);
  FIELD(nnformer_graph_summary, bytes_written);
  SIZE(nnformer_node);
  FIELD(nnformer_node, struct_size);
  FIELD(nnformer_node, output_count);
  FIELD(nnformer_node, name);
  FIELD(nnformer_node, operator_name);
  FIELD(nnformer_node, parameters);
  FIELD(nnformer_node, macs);
  FIELD(nnformer_node, flops);
  FIELD(nnformer_node, bytes_read);
  FIELD(nnformer_node, bytes_written);
  FIELD(nnformer_node, is_known);
  FIELD(nnformer_node, input_count);
  SIZE(nnformer_tensor_type);
  FIELD(nnformer_tensor_type, struct_size);
  FIELD(nnformer_tensor_type, element_type);
  FIELD(nnformer_tensor_type, rank);
  FIELD(nnformer_tensor_type, reserved);
  FIELD(nnformer_tensor_type, extents);
  SIZE(nnformer_accuracy_dataset);
  FIELD(nnformer_accuracy_dataset, struct_size);
  FIELD(nnformer_accuracy_dataset, reserved);
  FIELD(nnformer_accuracy_dataset, space);
  FIELD(nnformer_accuracy_dataset, id);
  FIELD(nnformer_accuracy_dataset, quantity);
  FIELD(nnformer_accuracy_dataset, source);
  FIELD(nnformer_accuracy_dataset, licence);
  FIELD(nnformer_accuracy_dataset, training_cells);
  FIELD(nnformer_accuracy_dataset, validation_cells);
  FIELD(nnformer_accuracy_dataset, kendall_tau);
  return 0;
}
