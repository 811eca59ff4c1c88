#!/usr/bin/env node
// This file alone must load in an old Node.js, in order to say that it is too old: everything else comes after the check.
import { whyNodeIsTooOld } from '../kernel/node-version.ts';

const problem = whyNodeIsTooOld();
if (problem) {
  console.error(problem);
  process.exit(1);
}

const { runCommandLine } = await import('./program.ts');
await runCommandLine(process.argv);
