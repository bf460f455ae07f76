from __future__ import annotations

import re
from html import unescape

import orjson

from appliance.ui.markdown import queries_in, to_html

PAGE = """\
1. How many?

   ```promql
   # over all
   sum(rate(x_total{a="<b>"}[5m]))

   up == 0
   ```

```logql
{app="a"} |= "x"
```

```shell
rm -rf /tmp/x
```
"""


def test_queries_are_to_be_run_and_lead_to_their_explorer() -> None:
    html = str(to_html(PAGE))
    props = [orjson.loads(unescape(one)) for one in re.findall(r'data-props="([^"]*)"', html)]
    assert [(one["language"], one["query"]) for one in props] == [
        ("promql", 'sum(rate(x_total{a="<b>"}[5m]))'),
        ("promql", "up == 0"),
        ("logql", '{app="a"} |= "x"'),
    ]
    assert props[0]["text"].startswith("# over all\n")
    assert html.count('data-island="query"') == 3
    assert 'href="/metrics?g0.expr=up+%3D%3D+0"' in html
    assert 'href="/logs?q=%7Bapp%3D%22a%22%7D+%7C%3D+%22x%22"' in html
    assert "<b>" not in html
    assert '<code class="language-shell">rm -rf /tmp/x' in html


def test_comments_alone_are_no_query() -> None:
    assert queries_in("# nothing\n\nup\n\n\n  \n# end\n") == ["up"]
