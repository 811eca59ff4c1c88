import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog } from '../../src/kernel/log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  write(createLog('info', destination));
  return lines.join('');
}

test('personal data and secrets are kept out, at the top and inside', () => {
  const text = logged((log) =>
    log.info(
      {
        requestId: 'r1',
        email: 'ann@example.com',
        req: { headers: { authorization: 'Bearer rundum_live_x' } },
        input: { traits: { firstName: 'Ann' }, identifiers: [{ value: '+41791234567' }] },
      },
      'ingested',
    ),
  );
  expect(text).toContain('"requestId":"r1"');
  expect(text).not.toMatch(/ann@example|rundum_live|Ann|4179/);
});

test("an error of PostgreSQL's loses its parameters and its row, and keeps what finds the statement", () => {
  const error = Object.assign(new Error('duplicate key value violates unique constraint "x"'), {
    code: '23505',
    constraint_name: 'x',
    detail: 'Key (email)=(ann@example.com) already exists.',
    parameters: ['ann@example.com'],
    query: 'insert …',
  });
  const text = logged((log) => log.error({ err: error }, 'failed'));
  expect(text).not.toContain('ann@example.com');
  expect(JSON.parse(text)).toMatchObject({ err: { code: '23505', constraint: 'x' } });
});

test('the value that PostgreSQL quotes in a message is kept out', () => {
  const error = Object.assign(new Error('invalid input syntax for type integer: "ann@example.com"'), { code: '22P02' });
  const text = logged((log) => log.error({ err: error }, 'failed'));
  expect(text).not.toContain('ann@example.com');
  expect(JSON.parse(text).err.message).toContain('invalid input syntax for type integer');
});

test('a level keeps less severe lines out', () => {
  expect(logged((log) => log.debug('detail'))).toBe('');
});
