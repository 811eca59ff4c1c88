import type { ApiClient } from './api-client.ts';
import { formatCount } from './progress.ts';

const fit = `mutation Fit { fitKpiModels(input: { reason: "demo" }) { models { status } } }`;
const score = `mutation Score { scoreCustomers { customers } }`;

/** What happens by night otherwise: models are fitted, and everybody is compared with everybody. */
export async function prepareKpis(api: ApiClient, signal: AbortSignal): Promise<void> {
  await api.requestPatiently(fit, {}, signal);
  await api.requestPatiently(score, {}, signal);
}

const overview = `query Overview($from: String!, $to: String!) {
  metrics(query: {
    measures: [NET_REVENUE, ORDERS, IDENTIFIED_SHARE]
    dimensions: [CHANNEL]
    time: { from: $from, to: $to }
    filter: [{ dimension: CURRENCY, values: ["CHF"] }]
    orderBy: [{ measure: NET_REVENUE, direction: DESC }]
  }) { rows }
  lifecycleStages { stages { stage customers } }
}`;

interface Overview {
  readonly metrics: { readonly rows: readonly (readonly [string, number | null, number, number | null])[] };
  readonly lifecycleStages: { readonly stages: readonly { readonly stage: string; readonly customers: number }[] };
}

/** The year up to `now` by channel, and how many customers are at which stage. */
export async function describeKpis(api: ApiClient, now: Date): Promise<string> {
  const from = new Date(Date.UTC(now.getUTCFullYear() - 1, now.getUTCMonth(), 1)).toISOString();
  const variables = { from, to: now.toISOString() };
  const { metrics, lifecycleStages } = await api.request<Overview>(overview, variables);
  const channels = metrics.rows.map(([channel, revenue, orders, identified]) => {
    const share = identified === null ? '' : `, ${Math.round(identified * 100)} % of known customers`;
    return `    ${channel.padEnd(6)} CHF ${formatCount(Math.round(revenue ?? 0)).padStart(9)}  ${formatCount(orders).padStart(6)} orders${share}`;
  });
  const stages = lifecycleStages.stages
    .filter(({ customers }) => customers > 0)
    .map(({ stage, customers }) => `${formatCount(customers)} ${stage}`);
  return `  Net revenue of a year\n${channels.join('\n')}\n\n  In their life cycle\n    ${stages.join(', ')}`;
}
