import { join } from 'node:path';
import { operatorContext } from '../access/operator.ts';
import { defaultRules } from '../identity/rules.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Config } from '../kernel/config.ts';
import { badInput } from '../kernel/errors.ts';
import { randomIds } from '../kernel/ids.ts';
import { migrate } from '../kernel/migrate.ts';
import { openDatabase } from '../kernel/open-database.ts';
import { type ImportSink, progressTable } from '../touchpoints/import.service.ts';
import { noProgress, type ProgressStore } from '../touchpoints/import-progress.ts';
import { checkingSink, ingestSink } from '../touchpoints/import-sinks.ts';
import type { ImportOptions } from './import-options.ts';
import { progressFiles, remoteSink } from './import-remote.ts';
import { commandLog } from './platform.ts';

/** Where an import goes. */
export interface ImportTarget {
  readonly sink: ImportSink;
  readonly progress: ProgressStore;
  close(): Promise<void>;
}

export async function openTarget(options: ImportOptions, config: Config): Promise<ImportTarget> {
  if (options.dryRun) return checkTarget(config);
  return options.url === undefined ? databaseTarget(config) : remoteTarget(options.url, options.key, config);
}

/** Needs no database: an id that is derived with another secret is as good for checking. */
function checkTarget(config: Config): ImportTarget {
  const settings = { idSecret: 'dry run', rules: defaultRules, defaultRegion: config.defaultRegion };
  return { sink: checkingSink(systemClock, settings), progress: noProgress, close: async () => {} };
}

function remoteTarget(address: string, key: string | undefined, config: Config): ImportTarget {
  if (!URL.canParse(address))
    throw badInput(`--url must be an address such as http://127.0.0.1:4000, got ${address}.`, 'url');
  if (!key) throw badInput('--url needs --key: an API key with the scope ingest.', 'key');
  const url = new URL(address);
  if (url.pathname === '/') url.pathname = '/graphql';
  const progress = progressFiles(join(config.dataDir, 'imports'), url);
  return { sink: remoteSink(url, key), progress, close: async () => {} };
}

/**
 * The same ingest as the server's, in this process. It isn't `withPlatform`, which closes the database on Ctrl-C: here
 * Ctrl-C lets the batch under way be committed and noted down first.
 */
async function databaseTarget(config: Config): Promise<ImportTarget> {
  // Brings the whole server's code along, which a dry run and --url can do without.
  const { wire } = await import('../server/wiring.ts');
  const log = commandLog(config);
  const database = await openDatabase(config, { role: 'command', log });
  try {
    await migrate(database.pool);
    const { ingest, platform } = await wire({ pool: database.pool, clock: systemClock, ids: randomIds, log }, config);
    return {
      sink: ingestSink(operatorContext(platform), ingest),
      progress: progressTable(database.pool, systemClock),
      async close() {
        await ingest.drained();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
