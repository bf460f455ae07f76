"""Sections behave as frozen dataclasses do."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from appliance.config.schema import key, section


@section
class Base:
    """One key that must be given."""

    name: str
    sizes: tuple[int, ...] = ()


@section
class Derived(Base):
    """More keys, one of them not of the file."""

    labels: dict[str, str] = key(default_factory=dict)
    place: str = key(default="here", hidden=True)


@section
class Loud:
    """Says itself how it is compared."""

    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loud) and self.name.upper() == other.name.upper()

    def __hash__(self) -> int:
        return hash(self.name.upper())


def test_defaults_are_filled_in_and_never_shared() -> None:
    first, second = Derived(name="a"), Derived(name="b")
    assert (first.sizes, first.labels, first.place) == ((), {}, "here")
    assert first.labels is not second.labels


def test_a_missing_key_is_named() -> None:
    with pytest.raises(TypeError, match="Derived needs 'name'"):
        Derived()  # type: ignore[call-arg]


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(TypeError, match="Base has no 'colour'"):
        Base(name="a", colour="red")  # type: ignore[call-arg]


def test_sections_are_equal_by_class_and_fields() -> None:
    assert Base(name="a", sizes=(1,)) == Base(name="a", sizes=(1,))
    assert Base(name="a") != Base(name="b")
    assert Base(name="a") != Derived(name="a")
    assert hash(Base(name="a")) == hash(Base(name="a"))
    with pytest.raises(TypeError, match="unhashable"):
        hash(Derived(name="a"))


def test_methods_of_the_class_win() -> None:
    assert Loud(name="a") == Loud(name="A")
    assert len({Loud(name="a"), Loud(name="A")}) == 1


def test_sections_never_change() -> None:
    made = Derived(name="a")
    with pytest.raises(FrozenInstanceError, match="cannot change 'name' of a Derived"):
        made.name = "b"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del made.name
    assert replace(made, name="b") == Derived(name="b")


def test_hidden_fields_are_not_shown() -> None:
    assert repr(Derived(name="a", labels={"x": "y"})) == (
        "Derived(name='a', sizes=(), labels={'x': 'y'})"
    )
