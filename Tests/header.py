"""What nnformer.h declares, read from its text."""

import pathlib
import re

TEXT = (pathlib.Path(__file__).resolve().parent.parent / "Include" / "nnformer.h").read_text()


def functions() -> dict[str, tuple[str, list[str]]]:
    """By name: the type of the result, and the declarations of the parameters as in `size_t capacity`."""
    text = re.sub(r"/\*.*?\*/", "", TEXT, flags=re.DOTALL)
    text = re.sub(r"^#.*?(?<!\\)$", "", text, flags=re.MULTILINE).replace("NNFORMER_NULLABLE ", "")
    declarations = re.findall(r"^((?:const )?\w+ \*?)\s*(nnformer_\w+)\(([^)]*)\);", text, re.MULTILINE)
    return {
        name: (result, [] if parameters == "void" else parameters.split(","))
        for result, name, parameters in declarations
    }
