import { registerDimensions } from '../kpis/metrics/metric.enum.ts';
import { segmentDimension } from './segment-metrics.ts';

/** Loaded with the schema, so that what segments add stands in it. */
export const segmentDimensions = [segmentDimension] as const;

registerDimensions(segmentDimensions);
