"""Revenue by month and channel in pandas, by way of Arrow: types come along, nothing is guessed. pip install pandas pyarrow"""

import json
import os
import urllib.request
from pathlib import Path

import pyarrow as pa

url, key = os.environ["RUNDUM_URL"], os.environ["RUNDUM_KEY"]
query = json.loads((Path(__file__).parent / "revenue-by-channel.json").read_text())

request = urllib.request.Request(
    f"{url}/exports/metrics?format=arrow",
    data=json.dumps(query).encode(),
    headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as answer, pa.ipc.open_stream(answer) as stream:
    frame = stream.read_pandas()

print(frame.dtypes)
print(frame.pivot_table(index="time", columns="channel", values="net_revenue", aggfunc="sum"))

# Batch by batch: a list of any length at constant memory.
request = urllib.request.Request(f"{url}/exports/purchases?format=arrow", headers={"Authorization": f"Bearer {key}"})
with urllib.request.urlopen(request) as answer, pa.ipc.open_stream(answer) as stream:
    rows = sum(batch.num_rows for batch in stream)
print(f"{rows} orders and returns")
