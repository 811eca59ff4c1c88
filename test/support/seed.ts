import fc from 'fast-check';

// The same cases on every run. To look for new ones: FC_SEED=$RANDOM npx vitest run test/identity
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_260_301) });
