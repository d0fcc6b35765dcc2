"""Unit: quantities and names as Kubernetes reads them."""

import pytest
from pydantic import TypeAdapter, ValidationError

from components.settings import Name, in_bytes, millicores


@pytest.mark.parametrize(
    ("quantity", "expected"), [("250m", 250), ("2", 2000), ("0.5", 500), ("1.25", 1250)]
)
def test_cpu_is_read_in_thousandths_of_a_core(quantity: str, expected: int) -> None:
    assert millicores(quantity) == expected


@pytest.mark.parametrize("quantity", ["2 cores", "", "m", "-1", "1.5m", "0.0001", "2k"])
def test_what_is_no_cpu_quantity_is_refused(quantity: str) -> None:
    with pytest.raises(ValueError, match="no CPU quantity"):
        millicores(quantity)


@pytest.mark.parametrize(
    ("quantity", "expected"), [("256Mi", 2**28), ("1Gi", 2**30), ("500M", 5 * 10**8), ("7", 7)]
)
def test_memory_is_read_in_bytes(quantity: str, expected: int) -> None:
    assert in_bytes(quantity) == expected


@pytest.mark.parametrize("quantity", ["2 GB", "", "Mi", "1.5Gi", "256mb"])
def test_what_is_no_amount_of_memory_is_refused(quantity: str) -> None:
    with pytest.raises(ValueError, match="no amount of memory"):
        in_bytes(quantity)


@pytest.mark.parametrize("name", ["-a", "a-", "A", "a_b", "a.b", "", "1a", "a" * 41])
def test_names_that_kubernetes_refuses_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(name)
