import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatApiKey } from '../../src/access/api-key.ts';
import { newApiKey } from '../../src/access/new-api-key.ts';
import { ensureOwnerKey } from '../../src/access/owner-key.service.ts';
import { collectByOneThread } from '../../src/cli/garbage-collection.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { readConfig } from '../../src/kernel/config.ts';
import { createPool } from '../../src/kernel/connect.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import { listen } from '../../src/server/server.ts';
import { wire } from '../../src/server/wiring.ts';
import { createBaseline } from './view-baseline.ts';

/** One of the two servers of the view benchmark, in a process of its own. Prints where it listens, and its key. */
collectByOneThread();
const config = readConfig();
const pool = createPool(config.databaseUrl ?? '', { max: config.poolSize });

if (process.argv[2] === 'baseline') {
  const url = await createBaseline(pool).listen({ host: '127.0.0.1', port: 0 });
  console.log(JSON.stringify({ url, key: '' }));
} else {
  const wiring = await wire({ pool, clock: systemClock, ids: randomIds, log: createLog('warn') }, config);
  const file = join(tmpdir(), `rundum-bench-key-${process.pid}`);
  const { text } = await ensureOwnerKey(wiring.platform, { preset: formatApiKey(newApiKey(randomIds)), file });
  await wiring.start();
  const { url } = await listen(wiring, { host: '127.0.0.1', port: 0 });
  console.log(JSON.stringify({ url, key: text }));
}
