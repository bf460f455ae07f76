"""Which escapers a value needs, and its pipeline with them (Go's html/template, escape.go)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.gotemplate.ast import Action, Command, Identifier, Pipe, text_of
from appliance.gotemplate.html.context import COMMENTS, Context, Delim, Slash, State, UrlPart
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Escapers that templates may call themselves, at the end of a pipeline.
PREDEFINED = frozenset({"html", "urlquery"})
_PREFIX = "_html_template_"
_OF_STATE = {
    State.META_CONTENT_URL: "urlfilter",
    State.JS: "jsvalescaper",
    State.JS_DOUBLE: "jsstrescaper",
    State.JS_SINGLE: "jsstrescaper",
    State.JS_TEMPLATE: "jstmpllitescaper",
    State.JS_REGEXP: "jsregexpescaper",
    State.CSS: "cssvaluefilter",
    State.TEXT: "htmlescaper",
    State.RCDATA: "rcdataescaper",
    State.ATTR_NAME: "htmlnamefilter",
    State.TAG: "htmlnamefilter",
    State.SRCSET: "srcsetescaper",
}
_ADDRESSES = frozenset(
    (
        State.URL, State.CSS_DOUBLE, State.CSS_SINGLE, State.CSS_DOUBLE_URL, State.CSS_SINGLE_URL,
        State.CSS_URL,
    )
)  # fmt: skip
_OF_DELIM = {
    Delim.SPACE: "nospaceescaper",
    Delim.DOUBLE: "attrescaper",
    Delim.SINGLE: "attrescaper",
}
#: A predefined escaper does what these do.
_EQUIVALENT = {
    **dict.fromkeys(("attrescaper", "htmlescaper", "nospaceescaper", "rcdataescaper"), "html"),
    **dict.fromkeys(("urlescaper", "urlnormalizer"), "urlquery"),
}
#: What these give holds nothing that a quoted attribute's escaper would change.
_COVERS_ATTRIBUTE = frozenset(
    (
        "commentescaper",
        "cssescaper",
        "jsregexpescaper",
        "jsstrescaper",
        "jstmpllitescaper",
        "urlescaper",
    )
)


def escaped(context: Context, node: Action) -> tuple[Context, Action]:
    """An action whose value is escaped for its context, and the context after it.

    Args:
        context: Nudged.

    Raises:
        BadInput: There is no telling what would be harmless here.
    """
    _refuse_escapers(context, node.pipe)
    names = _escapers(context, node)
    state = State.ATTR_NAME if context.state is State.TAG else context.state
    slash = Slash.DIVISION if state is State.JS else context.slash
    after = replace(context, state=state, slash=slash)
    return after, Action(node.position, _with_escapers(node.pipe, names))


def _refuse_escapers(context: Context, pipe: Pipe) -> None:
    """An escaper of the template's own may only end a pipeline, where its work is not undone."""
    for at, command in enumerate(pipe.commands):
        first = command.args[0]
        if not isinstance(first, Identifier) or first.name not in PREDEFINED:
            continue
        is_unquoted = context.state is State.ATTR and context.delim is Delim.SPACE
        if at < len(pipe.commands) - 1 or (is_unquoted and first.name == "html"):
            raise BadInput(f"predefined escaper {quote(first.name)} disallowed in template")


def _escapers(context: Context, node: Action) -> list[str]:
    names: list[str] = []
    if context.state in _ADDRESSES:
        names += _for_address(context, node)
    elif context.state in _OF_STATE:
        names.append(_OF_STATE[context.state])
    elif context.state in COMMENTS:
        names.append("commentescaper")
    if context.delim in _OF_DELIM:
        names.append(_OF_DELIM[context.delim])
    return names


def _for_address(context: Context, node: Action) -> list[str]:
    match context.url_part:
        case UrlPart.UNKNOWN:
            shown = text_of(node)
            raise BadInput(f"{shown} appears in an ambiguous context within a URL")
        case UrlPart.QUERY:
            return ["urlescaper"]
    is_string = context.state in {State.CSS_DOUBLE, State.CSS_SINGLE}
    escaper = "cssescaper" if is_string else "urlnormalizer"
    return ["urlfilter", escaper] if context.url_part is UrlPart.NONE else [escaper]


def _with_escapers(pipe: Pipe, names: Sequence[str]) -> Pipe:
    if not names:
        return pipe
    commands, ending = list(pipe.commands), ""
    first = commands[-1].args[0]
    if isinstance(first, Identifier) and first.name in PREDEFINED:
        ending = first.name
        if len(commands) == 1 and len(commands[0].args) > 1:
            arguments = (Identifier(first.position, "_eval_args_"), *commands[0].args[1:])
            commands = [Command(pipe.position, arguments), _command(ending, pipe.position)]
    if ending and any(_EQUIVALENT.get(name) == ending for name in names):
        # The template's own escaper takes the place of ours.
        del commands[-1]
        names = [ending if _EQUIVALENT.get(name) == ending else name for name in names]
    done = {_plain_name(command) for command in commands}
    for name in names:
        full = name if name in PREDEFINED else _PREFIX + name
        if _EQUIVALENT.get(name, full) in done - {""}:
            continue
        last = _plain_name(commands[-1], is_normal=False).removeprefix(_PREFIX) if commands else ""
        if name == "attrescaper" and last in _COVERS_ATTRIBUTE:
            continue
        if name == "nospaceescaper" and last == "commentescaper":
            continue
        commands.append(_command(full, pipe.position))
    return Pipe(pipe.position, pipe.variables, pipe.is_assignment, tuple(commands))


def _plain_name(command: Command, *, is_normal: bool = True) -> str:
    """The function that a command calls, empty for none; equivalent ones by one name."""
    first = command.args[0]
    if not isinstance(first, Identifier):
        return ""
    return (
        _EQUIVALENT.get(first.name.removeprefix(_PREFIX), first.name) if is_normal else first.name
    )


def _command(name: str, position: int) -> Command:
    return Command(position, (Identifier(position, name),))
