#include "FileKind.hpp"

#include <algorithm>

namespace nnf {
namespace {

struct Signature {
  size_t offset;
  std::string_view bytes;
  const char *kind;
};

using namespace std::string_view_literals;

constexpr Signature signatures[] = {
    {0, "PK\x03\x04"sv, "a ZIP archive, as torch.save writes it; export the model with torch.onnx.export"},
    {0, "\x1f\x8b"sv, "a gzip file; decompress it first"},
    {0, "\x28\xb5\x2f\xfd"sv, "a zstd file; decompress it first"},
    {0, "\xfd"
        "7zXZ\0"sv, "an xz file; decompress it first"},
    {0, "\x80\x02"sv, "a Python pickle, as old versions of torch.save wrote it; export the model with torch.onnx.export"},
    {0, "\x80\x04"sv, "a Python pickle; export the model to ONNX"},
    {0, "\x89HDF\r\n"sv, "an HDF5 file, as Keras writes it; convert the model with tf2onnx"},
    {4, "TFL3"sv, "a TensorFlow Lite model; convert it with tf2onnx"},
    {4, "ORTM"sv, "an ONNX Runtime model in ORT format; use the .onnx file that it was made from"},
    {0, "GGUF"sv, "a GGUF file; export the model to ONNX"},
    {0, "\x7f"
        "ELF"sv, "a program or shared library"},
    {8, "{\""sv, "a safetensors file, which holds weights and no graph; export the model to ONNX"},
    {0, "version https://git-lfs"sv, "a Git LFS pointer; fetch the file itself with git lfs pull"},
    {0, "<!DOCTYPE"sv, "an HTML page; the download probably failed"},
    {0, "<html"sv, "an HTML page; the download probably failed"},
    {0, "<?xml"sv, "an XML file, such as an OpenVINO model; export the model to ONNX"},
};

bool isText(std::string_view bytes) {
  return !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte >= 0x20 ? byte != 0x7f : byte == '\n' || byte == '\r' || byte == '\t';
  });
}

}  // namespace

const char *recognizedKind(std::string_view firstBytes) {
  for (const Signature &signature : signatures) {
    if (firstBytes.size() < signature.offset) continue;
    if (firstBytes.substr(signature.offset, signature.bytes.size()) == signature.bytes) return signature.kind;
  }
  return isText(firstBytes) ? "text; a model in ONNX's textual syntax must be converted to binary first" : nullptr;
}

}  // namespace nnf
