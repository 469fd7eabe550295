"""Usage: list-api.py SYMBOL_GRAPH

Prints the API of a Swift module, one declaration a line, from the symbol graph that the compiler wrote of it. What the
standard library adds to every sequence or error is left out.
"""

import json
import sys


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        graph = json.load(file)
    # What was inherited says so in its precise name.
    ours = [symbol for symbol in graph["symbols"] if "::SYNTHESIZED::" not in symbol["identifier"]["precise"]]
    lines = set()
    for symbol in ours:
        declaration = "".join(part["spelling"] for part in symbol["declarationFragments"])
        lines.add(f"{'.'.join(symbol['pathComponents'][:-1])}: {' '.join(declaration.split())}".removeprefix(": "))
    print("\n".join(sorted(lines)))


main()
