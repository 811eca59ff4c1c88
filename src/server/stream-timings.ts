/** How patient the server is with those who stay connected, in milliseconds. */
export interface StreamTimings {
  /** After so long a silence an event stream shows a sign of life, so that proxies keep the connection. */
  readonly heartbeat: number;
  /** How often a websocket is pinged, and how long it has to answer. */
  readonly ping: number;
  /** How long the reader of an event stream may take nothing until it is cut off. */
  readonly patience: number;
  /** How long a websocket may stay silent before it says who it is. */
  readonly initialisation: number;
  /** How long a peer has to take the last message and our close before it is cut off. */
  readonly grace: number;
}

export const streamTimings: StreamTimings = {
  heartbeat: 12_000,
  ping: 12_000,
  patience: 30_000,
  initialisation: 10_000,
  grace: 500,
};
