"""`nnformer accuracy`, driven as a shell would drive it."""

import csv
import functools
import io
import itertools
import json
import resource

import pytest

GOOD = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|"
POOLS = "|avg_pool_3x3~0|+|none~0|none~1|+|none~0|avg_pool_3x3~1|none~2|"
OPERATIONS = ["none", "skip_connect", "avg_pool_3x3", "nor_conv_1x1", "nor_conv_3x3"]
SPACE = [
    f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|" for a, b, c, d, e, f in itertools.product(OPERATIONS, repeat=6)
]


@pytest.fixture
def accuracy(run):
    return functools.partial(run, "accuracy")


def test_cells_of_the_command_line_keep_their_order(accuracy):
    rows = json.loads(accuracy("--space", "nasbench201", "--format", "json", POOLS, GOOD).stdout)
    assert [row["cell"] for row in rows] == [POOLS, GOOD]
    assert 0 < rows[0]["accuracy_percent"] < rows[1]["accuracy_percent"] < 100


def test_standard_input_stands_where_it_is_named(accuracy):
    result = accuracy("--space", "nasbench201", "--format", "json", POOLS, "-", POOLS, stdin=f"{GOOD}\n")
    assert [row["cell"] for row in json.loads(result.stdout)] == [POOLS, GOOD, POOLS]


def test_best_first(accuracy):
    lines = accuracy("--space", "nasbench201", "--best-first", stdin=f"{POOLS}\n{GOOD}\n").stdout.splitlines()
    assert [line.split()[1] for line in lines] == [GOOD, POOLS]


def test_datasets_differ(accuracy):
    def estimate(dataset):
        return float(accuracy("--space", "nasbench201", "--dataset", dataset, GOOD).stdout.split()[0])

    assert estimate("cifar10") > estimate("cifar100") > estimate("imagenet16") > 30


def test_nasbench101(accuracy):
    line = "0110,0001,0001,0000 input,conv3x3-bn-relu,maxpool3x3,output"
    assert 0 < float(accuracy("--space", "nasbench101", stdin=line).stdout.split()[0]) < 100


def test_a_bad_cell_does_not_stop_the_others(accuracy):
    result = accuracy("--space", "nasbench201", "--format", "csv", stdin=f"{GOOD}\nnonsense\n{POOLS}\n", status=65)
    assert [row["cell"] for row in csv.DictReader(io.StringIO(result.stdout))] == [GOOD, POOLS]
    assert "'nonsense'" in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize("line", ["", "011 input,output", "01,00", "0x,00 input,output", "01,00 input", "01,00 input,output x"])
def test_bad_lines_of_nasbench101(accuracy, line):
    result = accuracy("--space", "nasbench101", line, status=65)
    assert result.stdout == "" and result.stderr.startswith("nnformer: ")


def test_wrong_usage(accuracy):
    accuracy(GOOD, status=64)
    accuracy("--space", "darts", GOOD, status=64)
    assert "cifar100" in accuracy("--space", "nasbench201", "--dataset", "mnist", GOOD, status=64).stderr


def test_the_whole_space_is_ranked_in_five_seconds(accuracy):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = accuracy("--space", "nasbench201", "--best-first", "--format", "csv", stdin="\n".join(SPACE))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    estimates = [float(row["accuracy_percent"]) for row in csv.DictReader(io.StringIO(result.stdout))]
    assert len(estimates) == 15_625 and estimates == sorted(estimates, reverse=True)
    # Processor time: a busy machine is not the tool's fault.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5
