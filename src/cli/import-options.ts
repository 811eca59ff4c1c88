/** The flags of `rundum import`. */
export interface ImportOptions {
  readonly map: string;
  readonly dryRun?: boolean;
  readonly report?: string;
  readonly batch: number;
  readonly url?: string;
  readonly key?: string;
}
