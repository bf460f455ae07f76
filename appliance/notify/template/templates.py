"""The templates of a configuration, and what they give for one message.

Implements `Templates` and `Renderer` of `notify/integration.py`. Every text is parsed once; whoever
defines a name that a default has, replaces it, as in Alertmanager.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.gotemplate.builtins import escape_html
from appliance.gotemplate.evaluate import Limits
from appliance.gotemplate.template import TemplateSet
from appliance.notify.integration import TemplateFailed
from appliance.notify.template.data import data_of, json_of
from appliance.notify.template.defaults import default_tree
from appliance.notify.template.fallback import plain_text
from appliance.notify.template.functions import FUNCTION_NAMES, functions_at
from appliance.notify.template.inline_yaml import structure_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from appliance.gotemplate.html.template import HtmlTemplateSet
    from appliance.gotemplate.values import Function, Struct
    from appliance.notify.message import Message

#: Texts that are kept parsed; a configuration has a few hundred at most.
_CACHE_SIZE = 2048
#: At the least, and for each alert; the default definitions take 400 steps and 2,000 characters.
_LEAST, _EACH = Limits(steps=200_000, chars=4 << 20), Limits(steps=5_000, chars=20_000)
#: Whatever the number of alerts.
_MOST = Limits(steps=20_000_000, chars=64 << 20)


class NotificationTemplates:
    """The default definitions, and over them those of some files.

    Args:
        files: Template files, in order; of equal names the last definition holds.

    Raises:
        BadInput: A file cannot be read or parsed; the message names it.
    """

    def __init__(self, files: Sequence[Path] = ()) -> None:
        self._set = TemplateSet(FUNCTION_NAMES, default_tree, _LEAST)
        for file in files:
            self._add(file)
        self._text = functools.lru_cache(_CACHE_SIZE)(self._parsed_text)
        self._html = functools.lru_cache(_CACHE_SIZE)(self._parsed_html)

    @classmethod
    def of_text(cls, definitions: str) -> NotificationTemplates:
        """Templates with definitions that come from no file."""
        made = cls()
        made._set.add("", definitions)
        return made

    def renderer(
        self,
        message: Message,
        *,
        is_fallback: bool = False,
        route_label: Callable[[str], str] | None = None,
    ) -> MessageRenderer:
        """A renderer for one message; see `Templates.renderer`.

        Args:
            route_label: What `routeLabels` gives; by default the message's.
        """
        known = route_label or (lambda name: message.route_labels.get(name, ""))
        return MessageRenderer(
            self,
            functools.partial(data_of, message),
            functions_at(message.now_ns, known),
            links=message.links if is_fallback else None,
            limits=limits_for(len(message.alerts)),
        )

    def names(self) -> list[str]:
        """What the files define, sorted."""
        return self._set.names()

    def overlaid(self, text: str) -> TemplateSet:
        """A set in which the text is the template without a name.

        Raises:
            BadInput: In Go's words, `template: :LINE: …`.
        """
        return self._text(text)

    def text(
        self,
        template: str,
        data: Struct,
        functions: Mapping[str, Function],
        *,
        limits: Limits | None = None,
    ) -> str:
        """What a text template gives.

        Raises:
            BadInput: In Go's words.
        """
        if "{{" not in template:
            return template
        return self._text(template).execute("", data, functions, limits=limits)

    def html(
        self,
        template: str,
        data: Struct,
        functions: Mapping[str, Function],
        *,
        limits: Limits | None = None,
    ) -> str:
        """What an HTML template gives.

        Raises:
            BadInput: In Go's words.
        """
        if not template:
            return template
        return self._html(template).execute("", data, functions, limits=limits)

    def _add(self, file: Path) -> None:
        try:
            self._set.add(file.name, file.read_text(encoding="utf-8"))
        except BadInput as error:
            place = error.message.removeprefix(f"template: {file.name}:")
            raise BadInput(f"{file}:{place}") from error
        except (OSError, ValueError) as error:
            raise BadInput(f"{file}: cannot be read: {error}") from error

    def _parsed_text(self, text: str) -> TemplateSet:
        made = self._set.copy()
        made.add("", text)
        return made

    def _parsed_html(self, text: str) -> HtmlTemplateSet:
        from appliance.gotemplate.html.template import HtmlTemplateSet  # noqa: PLC0415 - mails

        return HtmlTemplateSet(self._parsed_text(text))


def limits_for(alerts: int) -> Limits:
    """What a template about so many alerts may cost: a loop without end must not last minutes."""
    return Limits(
        steps=min(_LEAST.steps + alerts * _EACH.steps, _MOST.steps),
        chars=min(_LEAST.chars + alerts * _EACH.chars, _MOST.chars),
    )


class MessageRenderer:
    """Renders templates for one message; a `Renderer`.

    Args:
        data: Makes the template data, when it is first needed.
        links: Addresses for people; None unless this is a fallback, in which nothing fails.
        limits: What one template may cost.
    """

    def __init__(
        self,
        templates: NotificationTemplates,
        data: Callable[[], Struct],
        functions: Mapping[str, Function],
        *,
        links: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._templates = templates
        self._make_data = data
        self._functions = functions
        self._links = links
        self._limits = limits

    @functools.cached_property
    def _struct(self) -> Struct:
        return self._make_data()

    @functools.cached_property
    def data(self) -> Mapping[str, Any]:
        """The template data as JSON, as webhooks show it."""
        return json_of(self._struct)

    def text(self, template: str, *, instead: str | None = None) -> str:
        """A text template; see `Renderer.text`."""
        if "{{" not in template:
            return template  # and the data need not be made
        try:
            return self._templates.text(
                template, self._struct, self._functions, limits=self._limits
            )
        except BadInput as error:
            self._refuse_unless_fallback(error)
            return self._plain if instead is None else instead

    def html(self, template: str) -> str:
        """An HTML template; see `Renderer.html`."""
        try:
            return self._templates.html(
                template, self._struct, self._functions, limits=self._limits
            )
        except BadInput as error:
            self._refuse_unless_fallback(error)
            return f"<pre>{escape_html(self._plain)}</pre>"

    def deep(self, value: Any) -> Any:
        """A structure whose texts are templates; what reads as YAML becomes a structure."""
        match value:
            case str():
                return structure_of(self.text(value))
            case list() | tuple():
                return [self.deep(item) for item in value]
            case dict():
                return {
                    self.text(key, instead=key): self.deep(item)
                    for key, item in value.items()
                    if isinstance(key, str)
                }
        return value

    @functools.cached_property
    def _plain(self) -> str:
        return plain_text(self._struct, links=self._links)

    def _refuse_unless_fallback(self, error: BadInput) -> None:
        if self._links is None:
            raise TemplateFailed(error.message) from error
