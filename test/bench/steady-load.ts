import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export interface SteadyLoad {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodies: readonly string[];
  /** Requests a second, evenly spaced. */
  readonly rate: number;
  readonly seconds: number;
}

/**
 * Sends requests at even intervals whether or not earlier ones have been answered, and measures each from the moment at
 * which it was due: a server that falls behind can't hide it. (autocannon's own rate limit sends each second's requests
 * in one burst, which measures the server at its greatest throughput.) Answers latencies in milliseconds; an answer with errors
 * ends it.
 */
export async function sendSteadily({ url, headers, bodies, rate, seconds }: SteadyLoad): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const started = performance.now();
  const answers: Promise<number>[] = [];
  for (let index = 0; index < rate * seconds; index += 1) {
    const due = started + (index * 1000) / rate;
    const early = due - performance.now();
    if (early > 1) await wait(early);
    answers.push(send(url, agent, headers, bodies[index % bodies.length]!).then(() => performance.now() - due));
  }
  const latencies = await Promise.all(answers);
  agent.destroy();
  return latencies;
}

function send(url: string, agent: Agent, headers: Readonly<Record<string, string>>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks);
          if (answer.statusCode === 200 && !text.includes('"errors":')) resolve();
          else reject(new Error(`The server answered ${answer.statusCode}: ${text.toString().slice(0, 500)}`));
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}
