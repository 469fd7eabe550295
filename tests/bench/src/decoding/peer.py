"""Decodes the values on standard input with bluetooth-sig: nanoseconds (least and median) and the first number that it reads,
a line each.
"""

import statistics
import sys
import time

from bluetooth_sig import BluetoothSIGTranslator

NUMBERS = ("temperature", "systolic", "spo2", "weight")
REPEATS = 100


def first_number(read):
    return next((getattr(read, name) for name in NUMBERS if hasattr(read, name)), read)


def main():
    rounds = int(sys.argv[1])
    translator = BluetoothSIGTranslator()
    for line in sys.stdin:
        uuid, digits = line.split()
        value = bytes.fromhex(digits)
        read = translator.parse_characteristic(uuid, value)
        samples = []
        for _ in range(rounds):
            begun = time.perf_counter_ns()
            for _ in range(REPEATS):
                translator.parse_characteristic(uuid, value)
            samples.append((time.perf_counter_ns() - begun) / REPEATS)
        print(f"{min(samples):.0f} {statistics.median(samples):.0f} {first_number(read)}", flush=True)


main()
