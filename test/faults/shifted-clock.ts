// Loaded before a server (`node --import`): its clock goes wrong by as many milliseconds as the file says, from SIGUSR2 on.
import { readFileSync } from 'node:fs';

const file = process.env.FAULT_CLOCK_FILE;
let shiftMs = 0;

if (file) {
  const RealDate = Date;
  const now = () => RealDate.now() + shiftMs;
  globalThis.Date = new Proxy(RealDate, {
    construct(target, args, made) {
      return args.length === 0 ? new target(now()) : Reflect.construct(target, args, made);
    },
    get(target, name, receiver) {
      return name === 'now' ? now : Reflect.get(target, name, receiver);
    },
  });
  process.on('SIGUSR2', () => {
    shiftMs = Number(readFileSync(file, 'utf8'));
  });
}
