import type { Platform } from '../kernel/context.ts';

/** Resolver class → its one instance. */
export type Instances = Map<unknown, object>;

/** What lives as long as the process, made once and in this order. */
export interface Wiring {
  readonly platform: Platform;
  readonly instances: Instances;
  /** Ends what was started here, in reverse order. */
  close(): Promise<void>;
}

/** The table of contents of a running server: every long-lived object, and who is given which. */
export async function wire(platform: Platform): Promise<Wiring> {
  const instances: Instances = new Map<unknown, object>();

  return {
    platform,
    instances,
    close: async () => {},
  };
}
