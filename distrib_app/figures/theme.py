"""The slim template every figure uses; colours of text and grid come from the page's style sheet."""

import plotly.graph_objects as go
import plotly.io as pio

ACCENT = "#3b6cf4"
FAINT = "#9aa3b2"
FONT = "Inter, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"

# set on the layout itself: the browser side merges its own template over ours
TRANSPARENT = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}
# a figure without one would carry the default template: 7 KB in every new tab
pio.templates.default = "none"
TEMPLATE = go.layout.Template(
    layout=go.Layout(
        font=go.layout.Font(family=FONT, size=12, color="#6b7484"),
        **TRANSPARENT,
        colorway=[ACCENT, FAINT],
        margin=go.layout.Margin(l=56, r=12, t=12, b=28),
        hovermode="x unified",
        showlegend=False,
        xaxis=go.layout.XAxis(showgrid=False, zeroline=False, fixedrange=True),
        yaxis=go.layout.YAxis(gridcolor="#e6e9ee", zeroline=False, fixedrange=True),
    )
)
