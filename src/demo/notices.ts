/** Where the server is and how to get in. The key is alone on its line, so that it can be picked with a double click. */
export function describeServer(url: string, key: string): string {
  return `
Ahornia, a retailer that does not exist, runs on Rundum

  Explorer    ${url}/
  API         ${url}/graphql
  Websocket   ${url.replace(/^http/, 'ws')}/graphql
  Key (all rights; sent as "authorization: Bearer …")

${key}
`;
}

export interface Example {
  readonly userId: string;
  readonly customerId: string;
}

/** To paste: a query for the shell, a subscription for the explorer. */
export function describeThingsToTry(url: string, key: string, { userId, customerId }: Example): string {
  const query = `{ customer(identifier: { kind: "userId", value: "${userId}" }) { id traits { name value } orders { orders } } }`;
  return `Try it

  curl -s ${url}/graphql -H 'content-type: application/json' -H 'authorization: Bearer ${key}' \\
    -d '${JSON.stringify({ query })}'

In the explorer, ${url}/, with the key above

  query { customer(id: "${customerId}") { touchpointCount touchpoints(first: 5) { nodes { occurredAt type } } } }
  query { nextBestOffers(input: { customerId: "${customerId}", channel: POS }) { offer { name } expectedValue { amount } reasons } }
  subscription { touchpointRecorded { touchpoint { occurredAt source type } } }
  subscription { segmentMembershipChanged { entered cause segment { name } customer { id } } }
  query { metrics(query: { measures: [NET_REVENUE, ORDERS], dimensions: [CURRENCY], time: { grain: MONTH, from: "2026-01-01", to: "2027-01-01" } }) { objects } }
  query { customer(id: "${customerId}") { lifecycle { stage } kpis { churnRisk { risk contributions { factor effect } } } } }
  subscription { loyaltyChanged { kinds balances { wallet available } tier { from to } customer { id } } }
`;
}
