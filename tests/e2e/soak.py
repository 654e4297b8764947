#!/usr/bin/env python3
"""Random inputs at random numbers of workers, with stalls, for some minutes: `soak.py [MINUTES]`, ten unless said. What
differs from one worker ends it with the seed; GRESSC names the compiler."""
import random
import sys
import tempfile
import time

import workers_test


class Soak(workers_test.StalledWorkers):
    def runTest(self):
        end, seed, runs = time.monotonic() + 60 * float((sys.argv + ["10"])[1]), int(time.time()), 0
        while time.monotonic() < end:
            seed += 1
            choose = random.Random(seed)
            files = choose.choice((1, 1, 2, 5, 9))
            count = choose.choice((3, 50, 1000, 5000, 20000))
            numbers = choose.sample(range(2, 17), 3)
            with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
                workers_test.write_inputs(folder, seed, count, files)
                try:
                    self.compare(folder, files, False, numbers)
                except Exception:
                    print(f"seed {seed}: {count} rows in {files} files, with {numbers} workers")
                    raise
            runs += len(numbers)
        print(f"{runs} runs")


if __name__ == "__main__":
    import unittest
    result = unittest.TextTestRunner().run(unittest.TestSuite([Soak()]))
    sys.exit(not result.wasSuccessful())
