"""A list in DuckDB, straight from Arrow, and beside it the metric that it must come to. pip install duckdb pyarrow"""

import os
import urllib.request

import duckdb
import pyarrow as pa

url, key = os.environ["RUNDUM_URL"], os.environ["RUNDUM_KEY"]

request = urllib.request.Request(
    f"{url}/exports/purchases?format=arrow&decimals=exact", headers={"Authorization": f"Bearer {key}"}
)
with urllib.request.urlopen(request) as answer:
    purchases = pa.ipc.open_stream(answer).read_all()

print(
    duckdb.sql("""
        select date_trunc('month', occurred_at at time zone 'Europe/Zurich') as month, currency,
               sum(case kind when 'ORDER' then amount else -amount end) as net_revenue,
               count(*) filter (where opens_order) as orders
        from purchases group by all order by all
    """)
)
