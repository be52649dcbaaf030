@_exported import NNFCAPI
