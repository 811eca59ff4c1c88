import type postgres from 'postgres';

/** How PostgreSQL's `bigint` travels: as a JavaScript BigInt, never as a rounded number. */
export type SqlTypes = { bigint: bigint };

/** Runs statements, inside or outside a transaction. Queries take this. */
export type Database = postgres.ISql<SqlTypes>;

/**
 * An open transaction. Assignable to {@link Database}, never the reverse, so a function that takes a `Tx`
 * (a row lock, say) can't be called outside one.
 */
export type Tx = postgres.TransactionSql<SqlTypes>;

/** The connection pool: the only thing that can open a transaction. */
export type Pool = postgres.Sql<SqlTypes>;
