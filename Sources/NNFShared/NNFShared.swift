// The link unit of libnnformer: the C entry points and all they need, nothing of its own. It is a target apart so that
// the linker settings of the shared library reach neither the shell tool nor the tests.
@_exported public import NNFCAPI
