import { setTimeout as wait } from 'node:timers/promises';

/** An error that the API answered with. */
export class ApiError extends Error {
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, retryAfterMs?: number) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly retryAfterMs?: number };
  }[];
}

/** The public API as any client sees it: one URL and a key. */
export class ApiClient {
  readonly key: string;
  readonly #url: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.key = key;
  }

  /** Throws {@link ApiError} for what the API refuses. */
  async request<T>(query: string, variables: Record<string, unknown> = {}, signal?: AbortSignal): Promise<T> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${this.key}` },
      body: JSON.stringify({ query, variables }),
      signal,
    });
    const { data, errors } = (await response.json()) as Answer<T>;
    const error = errors?.[0];
    if (error) throw new ApiError(error.extensions?.code ?? 'UNKNOWN', error.message, error.extensions?.retryAfterMs);
    if (!data) throw new ApiError('UNKNOWN', `The API answered ${response.status} without data.`);
    return data;
  }

  /** The same, again and again while the API is too busy: as late as it asks for. */
  async requestPatiently<T>(query: string, variables: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await this.request<T>(query, variables, signal);
      } catch (error) {
        if (!(error instanceof ApiError) || !isPassing(error)) throw error;
        await wait(error.retryAfterMs ?? 500, undefined, { signal });
      }
    }
  }
}

function isPassing(error: ApiError): boolean {
  return error.code === 'OVERLOADED' || error.code === 'SERVICE_UNAVAILABLE' || error.code === 'RATE_LIMITED';
}
