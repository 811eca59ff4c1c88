/** What a server says of itself at `/metrics`. */
export interface ServerMetrics {
  readonly residentMb: number;
  readonly heapMb: number;
  readonly handles: number;
  readonly queue: number;
  readonly websockets: number;
  readonly subscriptions: number;
}

export async function readMetrics(url: string): Promise<ServerMetrics> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    if (!line) throw new Error(`The server has no metric ${name}.`);
    return Number(line.split(' ')[1]);
  };
  return {
    residentMb: read('process_resident_memory_bytes') / 2 ** 20,
    heapMb: read('nodejs_heap_size_used_bytes') / 2 ** 20,
    handles: read('nodejs_active_resources_total'),
    queue: read('rundum_ingest_queue_touchpoints'),
    websockets: read('rundum_websocket_connections'),
    subscriptions: read('rundum_subscriptions'),
  };
}
