import { describe, expect, test } from 'vitest';
import { describeConfig, readConfig, withoutPassword } from '../../src/kernel/config.ts';
import { StartupError } from '../../src/kernel/startup-error.ts';

describe('readConfig', () => {
  test('has a default for everything', () => {
    expect(readConfig({}, {})).toMatchObject({ host: '127.0.0.1', port: 4000, dataDir: '.data', pgbouncer: false });
  });

  test('takes a command line flag before the environment, and an empty variable as not set', () => {
    const environment = { RUNDUM_PORT: '5000', RUNDUM_HOST: '', PGBOUNCER: '1' };
    expect(readConfig({ RUNDUM_PORT: '6000' }, environment)).toMatchObject({
      port: 6000,
      host: '127.0.0.1',
      pgbouncer: true,
    });
    expect(readConfig({ RUNDUM_PORT: undefined }, environment).port).toBe(5000);
  });

  test.each([
    [{ RUNDUM_PORT: 'http' }, 'RUNDUM_PORT must be a port number (it is "http").'],
    [{ RUNDUM_PORT: '70000' }, 'RUNDUM_PORT must be a port number (it is "70000").'],
    [{ RUNDUM_PORT: '1.5' }, 'RUNDUM_PORT must be a port number (it is "1.5").'],
    [{ PGBOUNCER: 'perhaps' }, 'PGBOUNCER must be 1 or 0 (it is "perhaps").'],
    [{ RUNDUM_POOL_SIZE: '1' }, 'RUNDUM_POOL_SIZE must be a number from 2 to 1000 (it is "1").'],
    [
      { RUNDUM_DEFAULT_REGION: 'Switzerland' },
      'RUNDUM_DEFAULT_REGION must be a two-letter country code such as CH (it is "Switzerland").',
    ],
    [
      { RUNDUM_TIMEZONE: 'Mars/Base' },
      'RUNDUM_TIMEZONE must be an IANA time zone such as Europe/Zurich (it is "Mars/Base").',
    ],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of silent, fatal, error, warn, info, debug, trace (it is "loud").'],
  ])('refuses %j in one sentence', (environment, sentence) => {
    expect(() => readConfig({}, environment)).toThrow(new StartupError(sentence));
  });

  test('names every problem at once', () => {
    expect(() => readConfig({}, { RUNDUM_PORT: '-1', LOG_LEVEL: 'loud' })).toThrow(/^RUNDUM_PORT .*\nLOG_LEVEL .*$/);
  });

  test('does not repeat a database address that it refuses: it may hold a password', () => {
    const refuse = () => readConfig({}, { DATABASE_URL: 'mysql://root:hunter2@db/x' });
    expect(refuse).toThrow(/^DATABASE_URL must look like postgres:/);
    expect(refuse).not.toThrow(/hunter2/);
  });
});

describe('describeConfig', () => {
  test('shows values, marks what was given, and never shows a secret', () => {
    const environment = { DATABASE_URL: 'postgres://app:hunter2@db:5432/cdp', RUNDUM_OWNER_KEY: 'rundum_live_secret' };
    const lines = describeConfig(readConfig({}, environment), environment);
    expect(lines.find((line) => line.variable === 'DATABASE_URL')).toMatchObject({
      value: 'postgres://app:***@db:5432/cdp',
      given: true,
    });
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|rundum_live_secret/);
    expect(lines.every((line) => line.description.length > 20)).toBe(true);
  });
});

test.each([
  ['postgres://u:p%40ss@h/d', 'postgres://u:***@h/d'],
  ['postgres://u@h/d?password=x&sslmode=require', 'postgres://u@h/d?password=***&sslmode=require'],
  ['postgres://h/d', 'postgres://h/d'],
])('the password in %s is hidden', (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});
