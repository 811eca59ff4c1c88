import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Two levels up from `src/cli` and from `dist/cli` alike. */
const file = new URL('../../package.json', import.meta.url);

export const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
