"""Writes replications.md beside this file from the papers of the package: python docs/reference/make_replications.py."""

from pathlib import Path

from detente.engine.setup import prepare

prepare()

from detente.replications.registry import names  # noqa: E402  (JAX reads its settings when it is imported)
from detente.report.files import write_text  # noqa: E402
from detente.report.replicate import answers, markdown  # noqa: E402

if __name__ == "__main__":
    write_text(Path(__file__).with_name("replications.md"), markdown(answers(names()), "python docs/reference/make_replications.py"))
