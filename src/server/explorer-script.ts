/** What a newcomer finds in the explorer's tabs. A test runs each against the schema. */
export const exampleTabs = [
  {
    title: 'A customer',
    query: `# Every operation needs an API key: put yours into the environment (top right), as "apiKey".
query Customers {
  viewer {
    name
    scopes
  }
  customers(first: 3) {
    nodes {
      id
      traits {
        name
        value
      }
    }
  }
}
`,
  },
] as const;

/**
 * Starts Altair with our address, examples and a place for the key. The address is known in the browser only: a proxy
 * may stand between. A link `/#key=rundum_live_…` brings the key along; what follows `#` never leaves the browser.
 */
export function explorerScript(): string {
  return `
const key = new URLSearchParams(location.hash.slice(1)).get('key') ?? 'rundum_live_…';
history.replaceState(null, '', location.pathname);
const endpoint = new URL('/graphql', location.href).href;
const connection = {
  endpointURL: endpoint,
  subscriptionsEndpoint: endpoint.replace(/^http/, 'ws'),
  initialSubscriptionRequestHandlerId: 'graphql-ws',
  initialSubscriptionsPayload: { authorization: 'Bearer {{apiKey}}' },
  initialHeaders: { authorization: 'Bearer {{apiKey}}' },
};
const tabs = ${JSON.stringify(exampleTabs)};
AltairGraphQL.init({
  ...connection,
  initialWindows: tabs.map((tab) => ({ ...connection, initialName: tab.title, initialQuery: tab.query })),
  initialEnvironments: { base: { title: 'Rundum', variables: { apiKey: key } } },
  preserveState: false,
  disableAccount: true,
});
`;
}
