"""The same in Polars, with exact decimals: decimals=exact makes them decimal128. pip install polars"""

import json
import os
import urllib.request
from pathlib import Path

import polars as pl

url, key = os.environ["RUNDUM_URL"], os.environ["RUNDUM_KEY"]
query = json.loads((Path(__file__).parent / "revenue-by-channel.json").read_text())

request = urllib.request.Request(
    f"{url}/exports/metrics?format=arrow&decimals=exact",
    data=json.dumps(query).encode(),
    headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as answer:
    frame = pl.read_ipc_stream(answer.read())

print(frame.schema)
print(frame.group_by("channel").agg(pl.col("net_revenue").sum(), pl.col("orders").sum()).sort("channel"))
