import { StartupError } from '../../src/kernel/startup-error.ts';

interface Benchmark {
  /** Measures, prints a table and writes `bench-results/NAME.json`. */
  run(args: readonly string[]): Promise<void>;
}

const names = ['ingest', 'shared', 'view', 'live', 'matching', 'segments', 'loyalty', 'metrics', 'soak'] as const;
const [name = '', ...args] = process.argv.slice(2);

if (!(names as readonly string[]).includes(name)) {
  console.error(`Usage: npm run bench -- ${names.join('|')}`);
  process.exit(1);
}

try {
  const benchmark = (await import(`./${name}.ts`)) as Benchmark;
  await benchmark.run(args);
} catch (error) {
  console.error(error instanceof StartupError ? error.message : error);
  process.exitCode = 1;
}
