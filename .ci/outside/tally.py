# Counts what passed and what failed, and says so in short lines.

import os


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def add(self, subject, results):
        """Counts the results of one subject: pairs of what was asked and what is wrong, if anything."""
        results = list(results)
        wrong = [(question, fault) for question, fault in results if fault]
        self.passed += len(results) - len(wrong)
        self.failed += len(wrong)
        print(f"{subject}: {len(results) - len(wrong)} of {len(results)}", flush=True)
        for question, fault in wrong:
            print(f"  FAILED {question}\n{indented(fault)}", flush=True)

    def skip(self, subject, why):
        print(f"{subject}: skipped, {why}", flush=True)

    def lack(self, subject, why):
        """What cannot be asked because something is not on this machine; in CI it must be."""
        if os.environ.get("CI") == "true":
            self.add(subject, [("it can be asked", f"{why}, and CI is true")])
        else:
            self.skip(subject, why)

    def close(self):
        """Prints the sum; the exit code."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def indented(text):
    lines = str(text).splitlines() or [""]
    shown = lines[:20] + (["…"] if len(lines) > 20 else [])
    return "\n".join(f"    {line[:300]}" for line in shown)
