"""The reader of NAS-Bench-101's official file, on small files in exactly that format."""

import struct

import nasbench101_records
import pytest
from nasbench101_records import framed

from nnformer_training.accuracy.nasbench101_file import (
    MalformedFileError,
    ModelMetrics,
    masked_checksum,
    read_records,
)

MODULE = ("0123456789abcdef0123456789abcdef", 108, "0110000100010000", "input,conv3x3-bn-relu,maxpool3x3,output")


def record(test_accuracy: float = 0.92) -> bytes:
    """Of half of the training first, then of the whole."""
    message = ModelMetrics(trainable_parameters=2_694_282, total_time=1156.85)
    for epoch, accuracy in ((54.0, 0.5), (108.0, test_accuracy)):
        message.evaluation_data.add(
            current_epoch=epoch, training_time=epoch * 10, train_accuracy=1.0, validation_accuracy=0.93,
            test_accuracy=accuracy, checkpoint_path="somewhere",
        )  # fmt: skip
    return nasbench101_records.record(*MODULE, message)


@pytest.fixture
def read(tmp_path):
    def read(data: bytes):
        path = tmp_path / "nasbench.tfrecord"
        path.write_bytes(data)
        return list(read_records(path))

    return read


def test_checksum_is_tensorflows():
    # CRC-32C of "123456789" is 0xe3069283 (RFC 3720); masked as TFRecord does.
    assert masked_checksum(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_wire_format_is_that_of_the_published_message():
    # Field 2 of ModelMetrics as a varint, field 5 of an evaluation as a double.
    assert ModelMetrics(trainable_parameters=300).SerializeToString() == b"\x10\xac\x02"
    message = ModelMetrics()
    message.evaluation_data.add(test_accuracy=1.0)
    assert message.SerializeToString() == b"\x0a\x09\x29" + struct.pack("<d", 1.0)


def test_repeats_come_one_after_another(read):
    first, second = read(record(0.92) + record(0.94))
    assert first.adjacency == ((0, 1, 1, 0), (0, 0, 0, 1), (0, 0, 0, 1), (0, 0, 0, 0))
    assert first.operations == ("input", "conv3x3-bn-relu", "maxpool3x3", "output")
    assert (first.test_accuracy, second.test_accuracy) == (0.92, 0.94)
    assert (first.epochs, first.trainable_parameters, first.module_hash) == (108, 2_694_282, MODULE[0])


def test_empty_file_has_no_records(read):
    assert read(b"") == []


def test_every_truncation_is_found(read):
    whole = record()
    for length in range(1, len(whole)):
        with pytest.raises(MalformedFileError, match="byte 0"):
            read(whole[:length])


def test_every_flipped_byte_is_found(read):
    whole = record()
    for position in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 0x20
        with pytest.raises(MalformedFileError, match="checksum"):
            read(bytes(damaged))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"[1]", b'["h",108,"0","input","!"]', b'["h",108,"01","input,output",""]',
        b'["h",108,"0120","input,output",""]', b'["h",108,"0100","input,output",""]',
        b'["h",108,"0100","input,output","/w=="]',
    ],
)  # fmt: skip
def test_records_of_something_else_are_refused(read, data):
    with pytest.raises(MalformedFileError, match="not one of NAS-Bench-101"):
        read(framed(data))


def test_claimed_lengths_allocate_nothing(read):
    length = struct.pack("<Q", 1 << 60)
    with pytest.raises(MalformedFileError, match="claims"):
        read(length + struct.pack("<I", masked_checksum(length)))
