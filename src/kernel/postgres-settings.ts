import { totalmem } from 'node:os';

const MB = 1024 * 1024;

/** How much memory this process may count on: the machine's, or the container's if that is less. */
export function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Settings of the embedded PostgreSQL on a machine with this many bytes of memory, which it shares with the server. */
export function postgresSettings(memory: number): Record<string, string> {
  return {
    // An acknowledged event is on disk.
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    shared_buffers: megabytes(memory / 4, 64, 1024),
    effective_cache_size: megabytes(memory / 2, 128, 1024 * 1024),
    maintenance_work_mem: megabytes(memory / 16, 32, 512),
    work_mem: '16MB',
    max_connections: '100',
    // Few, long checkpoints: each one makes every page be written in full once more. (wal_compression stays off: this
    // build has no lz4, and pglz costs more processor time than it saves here.)
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    random_page_cost: '1.1',
    // Our statements are short; compiling them takes longer than running them.
    jit: 'off',
    timezone: 'UTC',
    // PostgreSQL's log must not hold personal data, and errors quote it: 'invalid input syntax …: "ann@example.com"'.
    // So it tells of the server's life only; errors reach our own log through the connection that made them.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] ',
  };
}

function megabytes(bytes: number, least: number, most: number): string {
  return `${Math.round(Math.min(Math.max(bytes / MB, least), most))}MB`;
}
