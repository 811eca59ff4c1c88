// A process that has the database of a data directory, for tests that kill it. Arguments: data directory, role.
import pino from 'pino';
import { readConfig } from '../../src/kernel/config.ts';
import { openDatabase } from '../../src/kernel/open-database.ts';

const [dataDir, role] = process.argv.slice(2);
const config = readConfig({ RUNDUM_DATA_DIR: dataDir }, {});
const database = await openDatabase(config, {
  role: role === 'command' ? 'command' : 'server',
  log: pino({ level: 'silent' }),
}).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
const [row] = await database.pool<{ port: number }[]>`select inet_server_port() as port`;
console.log(JSON.stringify({ port: row?.port }));
process.on('SIGTERM', () => void database.close().then(() => process.exit(0)));
