"""What Superset does: SQLAlchemy on the schema bi. pip install sqlalchemy psycopg[binary]"""

import os

import sqlalchemy as sa

# Such as postgresql+psycopg://bi_reader:…@127.0.0.1:5432/rundum; Superset wants postgresql+psycopg2://…
engine = sa.create_engine(os.environ["RUNDUM_BI_URL"])
inspector = sa.inspect(engine)
print(sorted(inspector.get_view_names(schema="bi")))
print({column["name"]: column["comment"] for column in inspector.get_columns("customer_scores", schema="bi")})

with engine.connect() as connection:
    rows = connection.execute(sa.text("select channel, currency, sum(amount) from bi.orders_and_returns group by 1, 2 order by 1, 2"))
    for row in rows:
        print(row)
